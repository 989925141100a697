//! What a Database node takes. The statement is fixed text: values are bound by the server, never written into it.

use flero_model::workflow::Node;

use super::{Reader, Work};
use crate::template::{Field, Template};

/// The longest statement, in bytes.
const MAX_QUERY_BYTES: usize = 100_000;

/// The most rows that one statement gives.
const MAX_ROWS: u64 = 100_000;

/// What a Database node does.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseWork {
    pub(crate) query: String,
    pub(crate) values: Option<Template>,
    pub(crate) max_rows: Field<u64>,
    pub(crate) timeout_ms: Field<u64>,
}

pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Work> {
    let query = match reader.raw("query").map(|value| value.as_str()) {
        Some(Some(text)) if text.contains("{{") => {
            let message =
                "A statement holds no expressions: write $1, $2, ... and give the values in `values`.";
            reader.fault("query", "node.parameter", message);
            None
        }
        Some(Some(text)) if !text.trim().is_empty() && text.len() <= MAX_QUERY_BYTES => Some(text.to_owned()),
        _ => {
            let message = format!("Give one SQL statement as a text of at most {MAX_QUERY_BYTES} bytes.");
            reader.fault("query", "node.required", message);
            None
        }
    };
    let values = reader.raw("values");
    if values.is_some_and(|value| !value.is_array() && !Reader::is_expression(value)) {
        reader.fault("values", "node.parameter", "Expected an array of values, in the order of $1, $2, ...");
    }
    let values = values.map(|value| reader.compile("values", value));
    let max_rows = reader.number_or("maxRows", 1, MAX_ROWS, 1_000);
    let timeout_ms = reader.number_or("timeoutMs", 1, 3_600_000, 30_000);
    if node.credential_id.is_none() {
        let message = "Choose a credential of the type database in the node's `credentialId`; it says where the database is.";
        reader.fault("", "node.credential_required", message);
    }
    reader.finish();
    Some(Work::Database(Box::new(DatabaseWork { query: query?, values, max_rows, timeout_ms })))
}
