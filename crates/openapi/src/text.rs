//! Bytes to values: JSON or YAML, with or without a byte-order mark, within limits.

mod value;

use serde_json::Value;

use self::value::{TOO_MANY, Whole};
use crate::{
    error::{Error, Result},
    limits::{MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_VALUES, MAX_YAML_NODES, MAX_YAML_REPEATED},
};

/// Reads a document. What begins like JSON and is none is read as YAML, of which JSON is a part; that also takes
/// the trailing commas that JSON refuses.
///
/// # Errors
/// [`Error`] says where the text breaks off or which bound it breaks.
pub fn read(bytes: &[u8]) -> Result<Value> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(Error::TooLarge);
    }
    let text = decode(bytes)?;
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err(Error::Empty);
    }
    if !trimmed.starts_with(['{', '[']) {
        return yaml(&text);
    }
    match serde_json::from_str(&text) {
        Ok(Whole(value)) => Ok(value),
        // A fault in the nesting or the number would only be found again, and more slowly.
        Err(fault) if fault.to_string().starts_with("recursion limit") => Err(too_deep()),
        Err(fault) if fault.to_string().starts_with(TOO_MANY) => Err(too_many()),
        Err(fault) => yaml(&text).map_err(|of_yaml| match of_yaml {
            Error::Excessive { .. } => of_yaml,
            _ => Error::Syntax { line: fault.line(), column: fault.column(), reason: json_reason(&fault) },
        }),
    }
}

fn too_deep() -> Error {
    Error::Excessive { what: format!("it is nested deeper than {MAX_DEPTH} levels") }
}

fn too_many() -> Error {
    Error::Excessive { what: format!("it has more than {MAX_VALUES} values") }
}

/// UTF-8 or UTF-16 with a byte-order mark (RFC 8259 section 8.1 allows a reader to skip it; YAML 1.2 section 5.2
/// defines it).
fn decode(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>> {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.as_chunks::<2>().0.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16(&units).map(Into::into).map_err(|_| Error::NotText)
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => {
            std::str::from_utf8(rest).map(Into::into).map_err(|_| Error::NotText)
        }
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).map(Into::into).map_err(|_| Error::NotText),
    }
}

/// The parser's reason without the place, which stands beside it.
fn json_reason(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    text.split(" at line ").next().unwrap_or("a syntax error").to_owned()
}

/// The stack of the thread that reads YAML, in bytes. Without optimisation, a level of nesting takes up to 30 kB.
const YAML_STACK: usize = 16 << 20;

/// Reads YAML on a thread of its own: the parser goes one call deeper per level, and the stack of whoever calls may
/// be nearly used up.
fn yaml(text: &str) -> Result<Value> {
    std::thread::scope(|scope| {
        let reader =
            std::thread::Builder::new().stack_size(YAML_STACK).spawn_scoped(scope, || yaml_here(text));
        reader.ok().and_then(|reader| reader.join().ok()).unwrap_or_else(|| {
            Err(Error::Excessive { what: "this machine has no memory left to read it".to_owned() })
        })
    })
}

/// Aliases are replayed within a budget, so that a few lines cannot become gigabytes.
fn yaml_here(text: &str) -> Result<Value> {
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::AsString,
        budget: serde_saphyr::budget! {
            max_events: MAX_YAML_NODES * 2,
            max_nodes: MAX_YAML_NODES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_total_scalar_bytes: MAX_DOCUMENT_BYTES * 2,
            max_documents: 1,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_YAML_REPEATED,
            max_replay_stack_depth: 32,
        },
    };
    let read = serde_saphyr::from_str_with_options(text, options);
    read.map(|Whole(value)| value).map_err(|fault| of_yaml(&fault))
}

fn of_yaml(fault: &serde_saphyr::Error) -> Error {
    let fault = fault.without_snippet();
    let message = fault.to_string();
    let place = fault.location();
    let (line, column) = place.map_or((0, 0), |at| (at.line() as usize, at.column() as usize));
    if let serde_saphyr::Error::Budget { .. } = fault {
        return Error::Excessive { what: "it has too many values, aliases or levels".to_owned() };
    }
    if message.contains(TOO_MANY) {
        return too_many();
    }
    if message.contains("alias") || message.contains("nesting") || message.contains("recursion") {
        return Error::Excessive { what: "its aliases or its nesting repeat too much".to_owned() };
    }
    // The parser's own words name what it expected; a text in backquotes or quotes may be the document's.
    let reason = message.split(['`', '"', '\n']).next().unwrap_or_default().trim_end_matches([' ', ':']);
    let reason = if reason.is_empty() { "a syntax error" } else { reason };
    Error::Syntax { line, column, reason: reason.chars().take(160).collect() }
}

#[cfg(test)]
mod tests;
