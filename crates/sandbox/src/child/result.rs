//! Turns what the engine gives back into JSON, or into an error with a name, a message and a line.

use rquickjs::{Coerced, Ctx, Error, Exception, Function, Value};
use serde_json::value::RawValue;

use super::program::{FILE, LINES_BEFORE};
use crate::wire::Outcome;

/// The longest name and message that leave the child, in bytes.
const MESSAGE_BYTES: usize = 4 << 10;

/// What code threw.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Thrown {
    pub(super) name: String,
    pub(super) message: String,
    pub(super) line: Option<u32>,
}

impl Thrown {
    pub(super) fn new(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.into(), message: message.into(), line: None }
    }

    pub(super) fn out_of_memory() -> Self {
        Self::new("OutOfMemory", "the code needs more memory than it may use")
    }
}

impl From<Thrown> for Outcome {
    fn from(thrown: Thrown) -> Self {
        let Thrown { name, message, line } = thrown;
        Self::Threw { name, message, line }
    }
}

/// The result as JSON text. `undefined` is null; what JSON cannot hold is an error that names the key.
pub(super) fn to_json<'js>(ctx: &Ctx<'js>, value: Value<'js>, limit: usize) -> Result<Outcome, Error> {
    let check = Function::new(ctx.clone(), refuse_what_json_lacks)?;
    let Some(text) = ctx.json_stringify_replacer(value, check)? else {
        return Ok(Outcome::Value(RawValue::NULL.to_owned()));
    };
    let text = replace_lone_surrogates(text.to_string()?);
    if text.len() > limit {
        return Ok(Outcome::TooLarge);
    }
    match RawValue::from_string(text) {
        Ok(raw) => Ok(Outcome::Value(raw)),
        Err(_) => Ok(Thrown::new("RangeError", "the result is nested too deeply").into()),
    }
}

/// The replacer of `JSON.stringify`: passes everything on but what JSON would drop in silence.
fn refuse_what_json_lacks<'js>(
    ctx: Ctx<'js>,
    key: Value<'js>,
    value: Value<'js>,
) -> Result<Value<'js>, Error> {
    let kind = if value.is_function() {
        "a function"
    } else if value.is_big_int() {
        "a BigInt"
    } else if value.is_symbol() {
        "a symbol"
    } else {
        return Ok(value);
    };
    let key = key.get::<Coerced<String>>().map(|key| key.0).unwrap_or_default();
    let place = if key.is_empty() { String::new() } else { format!(" in {:?}", short(&key)) };
    let message = format!("the result holds {kind}{place}, which JSON cannot hold");
    Err(Exception::throw_type(&ctx, &message))
}

/// The first 64 characters.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}

/// Replaces `\ud800` to `\udfff` by U+FFFD. The engine writes pairs as characters and escapes only halves that
/// stand alone (ECMA-262, well-formed `JSON.stringify`); other JSON readers refuse those.
fn replace_lone_surrogates(text: String) -> String {
    if !text.contains("\\ud") {
        return text;
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        let escape = &rest[at..];
        let is_half = escape
            .as_bytes()
            .get(1..4)
            .is_some_and(|next| next.starts_with(b"ud") && matches!(next[2], b'8' | b'9' | b'a'..=b'f'));
        // An escape is two characters, or six when it starts with `\u`; a pair of backslashes is passed as one.
        let length = if is_half { 6 } else { 2 };
        result.push_str(if is_half { "\\ufffd" } else { escape.get(..2).unwrap_or(escape) });
        rest = escape.get(length..).unwrap_or_default();
    }
    result.push_str(rest);
    result
}

/// What an error of the engine's wrapper says about the code.
pub(super) fn thrown(ctx: &Ctx<'_>, error: Error) -> Thrown {
    match error {
        Error::Exception => describe(ctx, ctx.catch()),
        Error::Allocation => Thrown::out_of_memory(),
        Error::WouldBlock => {
            Thrown::new("Error", "the code waits for a promise that nothing will ever resolve")
        }
        Error::Utf8(_) => Thrown::new("TypeError", "the result holds text that is not valid Unicode"),
        other => Thrown::new("Error", other.to_string()),
    }
}

/// Name, message and line of a thrown value. Getters of the value run here, under the limits of the call.
pub(super) fn describe<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Thrown {
    let mut thrown = match Exception::from_value(value.clone()) {
        Ok(error) => Thrown {
            name: error.get::<_, Coerced<String>>("name").map_or_else(|_| "Error".into(), |name| name.0),
            message: error.message().unwrap_or_default(),
            line: error.stack().as_deref().and_then(line_in),
        },
        Err(_) => {
            Thrown::new("Error", value.get::<Coerced<String>>().map_or_else(|_| String::new(), |text| text.0))
        }
    };
    // A getter may have thrown; that error must not surface at the next call into the engine.
    ctx.catch();
    if thrown.name == "InternalError" && thrown.message == "out of memory" {
        thrown = Thrown { line: thrown.line, ..Thrown::out_of_memory() };
    }
    if value.is_null() {
        // The engine throws null when there is no memory left even for the error that says so.
        thrown.message = "the code threw null, or needed more memory than it may use".into();
    }
    cut(&mut thrown.name, 64);
    cut(&mut thrown.message, MESSAGE_BYTES);
    thrown
}

/// The line of the source in a stack trace: the first place in the module, less the lines before the source.
fn line_in(stack: &str) -> Option<u32> {
    let after = stack.split(FILE).nth(1)?.strip_prefix(':')?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<u32>().ok()?.checked_sub(LINES_BEFORE).filter(|line| *line > 0)
}

/// Cuts text to at most `bytes`, at a character.
pub(super) fn cut(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_halves_that_stand_alone_are_replaced() {
        for (given, expected) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83dx\n""#, r#""\\\ufffdx\n""#),
            (r#""\u001b \ud7ff \udfff""#, r#""\u001b \ud7ff \ufffd""#),
            (r#""é\udc00é\"""#, r#""é\ufffdé\"""#),
        ] {
            assert_eq!(replace_lone_surrogates(given.into()), expected);
        }
    }

    #[test]
    fn a_line_is_counted_from_the_source() {
        assert_eq!(line_in("    at f (code.js:4:2)\n    at default (code.js:9:1)\n"), Some(3));
        assert_eq!(line_in("    at native\n"), None);
        assert_eq!(line_in("    at code.js:1:2"), None);
    }

    #[test]
    fn text_is_cut_at_a_character() {
        let mut text = String::from("aé");
        cut(&mut text, 2);
        assert_eq!(text, "a");
    }
}
