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

/// The most values of a document: descriptions have one for every 20 bytes or more, so that the largest one has fewer. A
/// value takes 72 bytes at least and some 250 as a member of an object of its own, however short its text is.
pub const MAX_VALUES: usize = 3_000_000;

/// The largest that the schemas of a connector may be together, in bytes of JSON.
pub const MAX_SCHEMA_BYTES: usize = 2 * MAX_DOCUMENT_BYTES;

/// The most memory that operations and events may take, in bytes as [`crate::compile`] estimates it. What many of them
/// name is in each: a small document could become a very large connector.
pub const MAX_COMPILED_BYTES: usize = 256 << 20;

/// The most events of one connector.
pub const MAX_EVENTS: usize = 5_000;

/// The most parameters of one list, and the most servers.
pub const MAX_PARAMETERS: usize = 1_000;

/// The most security schemes, and the most parameters of a connection.
pub const MAX_SCHEMES: usize = 200;

/// The longest path or address that is taken, in bytes.
pub const MAX_ADDRESS_BYTES: usize = 4_000;

/// The most nodes (values, also those that aliases repeat, and names) of a YAML document.
pub const MAX_YAML_NODES: usize = 6_000_000;

/// The most values that the aliases of a YAML document may repeat.
pub const MAX_YAML_REPEATED: usize = 200_000;

/// The most entries of a report; what comes after is counted.
pub const MAX_REPORTED: usize = 500;

/// The longest description that is kept of an operation or a field, in bytes.
pub const MAX_DESCRIPTION_BYTES: usize = 2_000;
