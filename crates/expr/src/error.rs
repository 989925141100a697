//! What can go wrong: a limit that stops the evaluation, and mistakes that are reported beside the result.

use crate::limits::Limits;

/// A limit that was reached. The node that owns the parameters has to fail: there is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The expressions took more than [`Limits::max_steps`] units of work.
    #[error("the expression in {field} needs more than {max} steps; let it visit fewer items, or use a Code node",
        field = place(pointer))]
    Steps {
        /// JSON pointer (RFC 6901) of the field, relative to the compiled tree; empty for the tree itself.
        pointer: String,
        /// The limit.
        max: u64,
    },
    /// The [`crate::Allowance`] that the expressions share with others is used up.
    #[error("the expressions up to {field} need more than {max} steps together; let them visit fewer items, or use a Code node",
        field = place(pointer))]
    Allowance {
        /// JSON pointer (RFC 6901) of the field.
        pointer: String,
        /// What was left of the allowance when this evaluation began.
        max: u64,
    },
    /// The expressions produced more than [`Limits::max_bytes`].
    #[error("the expression in {field} produces more than {max} bytes; select only the fields that are needed",
        field = place(pointer))]
    Bytes {
        /// JSON pointer (RFC 6901) of the field.
        pointer: String,
        /// The limit.
        max: usize,
    },
    /// A value is nested deeper than [`Limits::max_depth`].
    #[error("the value of {field} is nested deeper than {max} levels; select an inner part of it", field = place(pointer))]
    Depth {
        /// JSON pointer (RFC 6901) of the field.
        pointer: String,
        /// The limit.
        max: u16,
    },
}

/// Says where a field is. A pointer consists of the names of the author's own parameters.
fn place(pointer: &str) -> &str {
    if pointer.is_empty() { "this field" } else { pointer }
}

/// What kind of mistake an [`ExprError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text between the braces is not an expression.
    Syntax,
    /// A reference leads nowhere: no such node, root or property.
    Unresolved,
    /// An operation does not fit its values, such as a function that does not exist for a number.
    Type,
}

/// A mistake in one `{{ }}`; its place in the text was filled with `[EXPR-ERROR: message]`.
///
/// The message holds names (of nodes, properties and functions), never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    /// JSON pointer (RFC 6901) of the field, relative to the compiled tree.
    pub pointer: String,
    /// The kind of mistake.
    pub kind: ErrorKind,
    /// A sentence that says what is wrong and what was available.
    pub message: String,
}

impl std::fmt::Display for ExprError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", crate::template::error_text(&self.message))
    }
}

/// A syntax problem that [`crate::check`] found, for the editor and for saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer (RFC 6901) of the field, relative to the checked tree.
    pub pointer: String,
    /// What is wrong and what to write instead.
    pub message: String,
    /// Where in the field's text, in bytes from its start.
    pub offset: usize,
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Steps,
    Bytes,
    Depth,
}

impl Stop {
    /// The public error, with the field it happened in.
    pub(crate) fn at(self, pointer: String, limits: &Limits) -> Error {
        match self {
            Self::Steps => Error::Steps { pointer, max: limits.max_steps },
            Self::Bytes => Error::Bytes { pointer, max: limits.max_bytes },
            Self::Depth => Error::Depth { pointer, max: limits.max_depth },
        }
    }
}

/// Why an expression has no value. Boxed everywhere, because the good path should stay small.
#[derive(Debug)]
pub(crate) enum Fault {
    Stop(Stop),
    Syntax(String),
    Unresolved(String),
    Wrong(String),
}

impl From<Stop> for Box<Fault> {
    fn from(stop: Stop) -> Self {
        Box::new(Fault::Stop(stop))
    }
}

/// A mistake of the type kind.
pub(crate) fn wrong(message: impl Into<String>) -> Box<Fault> {
    Box::new(Fault::Wrong(message.into()))
}

/// A reference that leads nowhere.
pub(crate) fn unresolved(message: impl Into<String>) -> Box<Fault> {
    Box::new(Fault::Unresolved(message.into()))
}
