//! What is wrong with a field of a document, said so that a person can mend it.

use serde::Serialize;

/// One fault in a submitted document. It never quotes the submitted value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// Where: a JSON pointer (RFC 6901) into the submitted document.
    pub pointer: String,
    /// A stable code, for example `workflow.cycle`.
    pub code: &'static str,
    /// One sentence: what is wrong and what to do.
    pub message: String,
}

impl FieldProblem {
    /// A fault at a place.
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

/// Escapes one segment of a JSON pointer (RFC 6901 section 3).
#[must_use]
pub fn pointer_segment(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}
