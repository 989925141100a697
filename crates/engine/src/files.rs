//! Files: bytes that are kept in blob storage and passed from node to node as a reference.
//!
//! A reference is an object `{"$file": "<sha256>", "bytes": n, "contentType": "...", "name": "..."}`. It holds no
//! secret: only scrubbed payloads are stored.
//!
//! Whoever knows the hash of a file could write a reference by hand, so a file belongs to the workspace that stored
//! it: its first bytes say which, and the hash is that of these bytes and the content together. In another workspace
//! the same content has another name, and a reference to a foreign file, or to something that is no file, is
//! answered like one to a file that is not there.

use flero_model::WorkspaceId;
use flero_store::blobs::BlobRef;
use serde_json::{Map, Value, json};

/// The member that marks a reference.
const MARK: &str = "$file";

/// What every stored file begins with. No JSON does, so a payload of a journal is never taken for a file.
const MAGIC: &str = "flero-file/1 ";

/// A file as it is stored.
pub(crate) fn stored_in(workspace: WorkspaceId, content: &[u8]) -> Vec<u8> {
    let head = head(workspace);
    let mut stored = Vec::with_capacity(head.len() + content.len());
    stored.extend_from_slice(head.as_bytes());
    stored.extend_from_slice(content);
    stored
}

/// What a file of a workspace begins with; its content stands behind it.
pub(crate) fn head(workspace: WorkspaceId) -> String {
    format!("{MAGIC}{workspace}\n")
}

/// Whether stored bytes that begin like this are a file, whoever's.
pub(crate) fn is_file(beginning: &[u8]) -> bool {
    beginning.starts_with(MAGIC.as_bytes())
}

/// How many bytes tell a file.
pub(crate) const MAGIC_LENGTH: usize = MAGIC.len();

/// A reference to stored bytes.
pub(crate) fn reference(blob: &BlobRef, bytes: u64, content_type: Option<&str>, name: Option<&str>) -> Value {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_begins_with_names_its_workspace_and_is_no_json() {
        let (here, there) = (WorkspaceId::from_u128(1), WorkspaceId::from_u128(2));
        let stored = stored_in(here, b"\xff\0content");
        assert_eq!(stored.strip_prefix(head(here).as_bytes()).unwrap(), b"\xff\0content");
        assert!(!stored.starts_with(head(there).as_bytes()));
        assert!(is_file(&stored[..MAGIC_LENGTH]) && !is_file(b"{\"a\":1}") && !is_file(b""));
        assert!(serde_json::from_slice::<Value>(&stored).is_err());
    }
}
