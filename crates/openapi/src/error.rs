//! What can be wrong with a document as a whole. What is wrong with a part of it stands in the report.

/// The result of reading a document.
pub type Result<T> = std::result::Result<T, Error>;

/// A document that cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing in it.
    #[error("the document is empty")]
    Empty,
    /// It is larger than is read.
    #[error("the document is larger than {} MB, which is the most that is read", crate::limits::MAX_DOCUMENT_BYTES >> 20)]
    TooLarge,
    /// It is not text.
    #[error("the document is not UTF-8 or UTF-16 text")]
    NotText,
    /// It is neither JSON nor YAML.
    #[error("the document is neither JSON nor YAML: {reason} (line {line}, column {column})")]
    Syntax {
        /// Line, from 1; 0 where it is not known.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser missed, without the document's text.
        reason: String,
    },
    /// It would take more memory or time than a description needs: nesting, aliases, number of values.
    #[error("the document is refused because it asks for too much: {what}")]
    Excessive {
        /// Which bound it breaks.
        what: String,
    },
    /// It is no OpenAPI description.
    #[error(
        "this is neither an OpenAPI description, which has an `openapi` or `swagger` version at its top, nor a Postman collection of version 2"
    )]
    NotOpenApi,
    /// It is of a version that is not known.
    #[error("OpenAPI version {0} is not known; 2.0, 3.0, 3.1 and 3.2 are")]
    UnknownVersion(String),
    /// It describes nothing that can be called.
    #[error("{0}")]
    NothingToCall(String),
    /// A stored connector cannot be read back.
    #[error("the stored connector is damaged or was written by a newer version; import it again")]
    Damaged,
}
