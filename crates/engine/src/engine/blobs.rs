//! Large payloads of journals: kept beside the database, put back in place before a journal is folded.

use flero_model::ExecutionId;

use super::Engine;
use crate::{
    Result,
    journal::{Output, Record, blob_of, decode, encode},
};

impl Engine {
    /// Writes one transition. Payloads above the limit go to blob storage first, so that the entry never names
    /// one that is not there.
    pub(super) async fn entry(&self, records: &[Record]) -> Result<Vec<u8>> {
        let limit = self.0.config.inline_bytes;
        let entry = encode(records);
        if entry.len() <= limit {
            return Ok(entry);
        }
        let mut records = records.to_vec();
        for record in &mut records {
            let Some(output) = record.output_mut() else { continue };
            let Output::Value(value) = &*output else { continue };
            let bytes = value.to_string().into_bytes();
            if bytes.len() > limit {
                let length = bytes.len() as u64;
                let blob = self.0.blobs.put_blob(bytes).await?;
                *output = Output::Blob(blob.0, length);
            }
        }
        Ok(encode(&records))
    }

    /// Reads a journal, with its payloads back in place.
    pub(super) async fn load(&self, id: ExecutionId, entries: &[Vec<u8>]) -> Result<Vec<Record>> {
        let mut records = decode(id, entries)?;
        for record in &mut records {
            let Some(output) = record.output_mut() else { continue };
            let Some(blob) = blob_of(output) else { continue };
            let bytes = self.0.blobs.get_blob(&blob).await?;
            let value = serde_json::from_slice(&bytes)
                .map_err(|_| flero_store::Error::Corrupt { what: "a payload in blob storage" })?;
            *output = Output::Value(std::sync::Arc::new(value));
        }
        Ok(records)
    }
}
