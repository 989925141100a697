//! Deleting files that nothing refers to any more.
//!
//! A journal names its large payloads and files by their hash, and a payload can name files in turn. Whatever
//! stands in a journal as 64 hex digits is taken for a name: to keep one file too many costs little. Files younger
//! than an hour are left alone by the store, so that a run that begins meanwhile loses nothing.

use std::collections::HashSet;

use flero_model::WorkspaceId;
use flero_store::{PageRequest, blobs::BlobRef, executions::ExecutionFilter};

use super::Engine;
use crate::{Result, files};

/// The length of a name, in hex digits of SHA-256.
const NAME_DIGITS: usize = 64;

impl Engine {
    /// Deletes every stored payload that no journal refers to.
    pub(super) async fn sweep_files(&self) -> Result<()> {
        let mut keep = HashSet::new();
        for workspace in self.0.store.workspaces().await? {
            self.collect(workspace.id, &mut keep).await?;
        }
        let mut open: Vec<BlobRef> = keep.iter().cloned().collect();
        while let Some(name) = open.pop() {
            match self.payload(&name).await {
                Ok(bytes) => open.extend(names(&bytes).filter(|inner| keep.insert(inner.clone()))),
                // Most names are hashes of something else.
                Err(flero_store::Error::NotFound | flero_store::Error::Corrupt { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let removed = self.0.blobs.sweep_blobs(&keep).await?;
        if removed > 0 {
            tracing::info!(removed, "files that nothing refers to were deleted");
        }
        Ok(())
    }

    /// A payload; nothing of a file, which may be long and names no other.
    async fn payload(&self, name: &BlobRef) -> flero_store::Result<Vec<u8>> {
        let beginning = self.0.blobs.open_blob(name).await?.read_at(0, files::MAGIC_LENGTH).await?;
        if files::is_file(&beginning) { Ok(Vec::new()) } else { self.0.blobs.get_blob(name).await }
    }

    async fn collect(&self, workspace: WorkspaceId, keep: &mut HashSet<BlobRef>) -> Result<()> {
        let mut page = PageRequest { limit: 200, cursor: None };
        loop {
            let found =
                self.0.store.list_executions(workspace, ExecutionFilter::default(), page.clone()).await?;
            for execution in &found.items {
                for entry in self.0.store.execution_journal(execution.id).await? {
                    keep.extend(names(&entry));
                }
            }
            page.cursor = found.next_cursor;
            if page.cursor.is_none() {
                return Ok(());
            }
        }
    }
}

/// Every run of exactly 64 lower-case hex digits.
fn names(bytes: &[u8]) -> impl Iterator<Item = BlobRef> {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    bytes
        .split(move |byte| !is_digit(byte))
        .filter(|run| run.len() == NAME_DIGITS)
        .filter_map(|run| std::str::from_utf8(run).ok())
        .map(|name| BlobRef(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_stand() {
        let name = "0123456789abcdef".repeat(4);
        let text = format!("{{\"b\":[\"{name}\",5],\"x\":\"{}\"}}", "a".repeat(65));
        assert_eq!(names(text.as_bytes()).collect::<Vec<_>>(), [BlobRef(name)]);
    }
}
