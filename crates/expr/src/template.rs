//! The text of a field: literal text and `{{ }}` in turn.
//!
//! `\{{` is a literal `{{`. Backslashes directly in front of `{{` count in pairs, so that `\\{{ x }}` is one backslash
//! and a value; anywhere else a backslash is itself.

use crate::ast::Expr;
use crate::compiled::Roots;
use crate::lex::{SyntaxError, lex};
use crate::limits::Limits;
use crate::parse::parse;

/// A part of a field's text.
#[derive(Debug)]
pub(crate) enum Part {
    Text(String),
    Value(Expr),
    /// Not an expression; the error is reported at each evaluation.
    Broken(SyntaxError),
}

/// Splits the text of a field, and adds to `roots` what it refers to.
pub(crate) fn split(text: &str, limits: &Limits, roots: &mut Roots) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    // Broken expressions are read again from behind their end; this keeps the sum of all reading linear.
    let mut reading = text.len().saturating_mul(4).saturating_add(limits.max_source_bytes);
    while let Some(found) = text[at..].find("{{") {
        let before = &text[at..at + found];
        let slashes = before.len() - before.trim_end_matches('\\').len();
        literal.push_str(&before[..before.len() - slashes.div_ceil(2)]);
        let start = at + found + 2;
        if slashes % 2 == 1 {
            literal.push_str("{{");
            at = start;
            continue;
        }
        if !literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        let lexed =
            if reading == 0 { Err(too_broken(start)) } else { lex(text, start, limits.max_source_bytes) };
        let read = match &lexed {
            Ok(lexed) => lexed.end - start,
            Err(_) => (text.len() - start).min(limits.max_source_bytes),
        };
        reading = reading.saturating_sub(read);
        match lexed {
            Ok(lexed) => {
                at = lexed.end;
                parts.push(match parse(&lexed.tokens, limits.max_depth, roots) {
                    Ok(expr) => Part::Value(expr),
                    Err(error) => Part::Broken(error),
                });
            }
            Err(error) => {
                at = text[start..].find("}}").map_or(text.len(), |end| start + end + 2);
                parts.push(Part::Broken(error));
            }
        }
    }
    literal.push_str(&text[at..]);
    if !literal.is_empty() {
        parts.push(Part::Text(literal));
    }
    parts
}

fn too_broken(at: usize) -> SyntaxError {
    SyntaxError { message: "there are too many broken expressions in this text".to_owned(), at }
}

/// The text that stands where an expression has no value.
pub(crate) fn error_text(message: &str) -> String {
    format!("[EXPR-ERROR: {message}]")
}

/// How many characters of a name a message shows.
const NAME_CHARS: usize = 40;
/// How many names a message lists.
const NAMES: usize = 10;

/// A name for a message: of bounded length, on one line.
pub(crate) fn shorten(name: &str) -> String {
    let mut out: String = name
        .chars()
        .take(NAME_CHARS)
        .map(|c| if c.is_control() || matches!(c, '[' | ']' | '{' | '}') { '_' } else { c })
        .collect();
    if name.chars().nth(NAME_CHARS).is_some() {
        out.push('…');
    }
    out
}

/// A list of names for a message, of bounded length.
pub(crate) fn list(names: impl Iterator<Item = String>) -> String {
    let mut names = names.map(|name| format!("\"{}\"", shorten(&name)));
    let shown: Vec<String> = names.by_ref().take(NAMES).collect();
    if shown.is_empty() {
        return "nothing".to_owned();
    }
    let more = names.next().is_some();
    shown.join(", ") + if more { ", …" } else { "" }
}
