//! How much a description may ask for. Documents come from anywhere, so each bound is there before it is needed.

/// The largest document that is read, in bytes: four times the largest description that is published today
/// (GitHub's, 12 MB).
pub const MAX_DOCUMENT_BYTES: usize = 50 << 20;

/// The deepest nesting of a document, as `serde_json` limits it too.
pub const MAX_DEPTH: usize = 128;

/// The most references that are followed from one to the next. A longer chain is a cycle or an attack.
pub const MAX_REFERENCE_CHAIN: usize = 32;

/// The most operations of one connector.
pub const MAX_OPERATIONS: usize = 20_000;

/// The most nodes (values, also those that aliases repeat) of a YAML document.
pub const MAX_YAML_NODES: usize = 6_000_000;

/// The most values that the aliases of a YAML document may repeat.
pub const MAX_YAML_REPEATED: usize = 200_000;

/// The most entries of a report; what comes after is counted.
pub const MAX_REPORTED: usize = 500;

/// The longest description that is kept of an operation or a field, in bytes.
pub const MAX_DESCRIPTION_BYTES: usize = 2_000;
