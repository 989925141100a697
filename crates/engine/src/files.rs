//! Files: bytes that are kept in blob storage and passed from node to node as a reference.
//!
//! A reference is an object `{"$file": "<sha256>", "bytes": n, "contentType": "...", "name": "..."}`. It holds no
//! secret: only scrubbed payloads are stored.

use flero_store::blobs::BlobRef;
use serde_json::{Map, Value, json};

/// The member that marks a reference.
const MARK: &str = "$file";

/// A reference to stored bytes.
pub(crate) fn reference(
    blob: &BlobRef,
    bytes: usize,
    content_type: Option<&str>,
    name: Option<&str>,
) -> Value {
    let mut members = Map::new();
    members.insert(MARK.to_owned(), json!(blob.0));
    members.insert("bytes".to_owned(), json!(bytes));
    if let Some(content_type) = content_type {
        members.insert("contentType".to_owned(), json!(content_type));
    }
    if let Some(name) = name {
        members.insert("name".to_owned(), json!(name));
    }
    Value::Object(members)
}

/// The payload that a value refers to: 64 lower-case hex digits, since it becomes a file name.
pub(crate) fn blob(value: &Value) -> Option<BlobRef> {
    let name = value.as_object()?.get(MARK)?.as_str()?;
    let is_name = name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_name.then(|| BlobRef(name.to_owned()))
}

/// Whether a value refers to stored bytes.
pub(crate) fn is_reference(value: &Value) -> bool {
    blob(value).is_some()
}
