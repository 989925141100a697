//! Files on their way: what is sent is read from blob storage while it is sent, and what comes is stored while it
//! arrives. A piece at a time is in memory, however long a file is.

use std::{collections::VecDeque, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use flero_connect::{
    body::UploadFailed,
    call::{Landing, NotStored, Upload, UploadPieces},
};
use flero_model::WorkspaceId;
use flero_store::{
    BlobStore,
    blobs::{BlobReader, BlobRef, BlobWriter},
};
use futures_util::stream;
use http::{HeaderMap, header};
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    Engine,
    drive::Facts,
    http::{is_json, is_text, kind_of},
};
use crate::{
    failure::Failure,
    files,
    params::{ResponseFormat, text_of},
    run::{HttpBody, Part},
};

/// How much of a file is read at once, in bytes.
const PIECE: usize = 64 << 10;

/// The body of a request.
pub(super) enum Outgoing {
    /// At hand.
    Whole(Bytes),
    /// With files, which are read while it is sent.
    Files(Arc<Outbound>),
}

/// A body that consists of texts and files.
#[derive(Default)]
pub(super) struct Outbound {
    parts: VecDeque<Content>,
    length: u64,
}

#[derive(Clone)]
enum Content {
    Text(Bytes),
    /// The file from a place on.
    File(Arc<dyn BlobReader>, u64),
}

impl Outbound {
    fn text(&mut self, text: impl Into<Bytes>) {
        let text = text.into();
        self.length += text.len() as u64;
        self.parts.push_back(Content::Text(text));
    }

    fn file(&mut self, (reader, from): (Arc<dyn BlobReader>, u64)) {
        self.length += reader.length().saturating_sub(from);
        self.parts.push_back(Content::File(reader, from));
    }
}

impl Upload for Outbound {
    fn length(&self) -> u64 {
        self.length
    }

    fn pieces(&self) -> UploadPieces {
        Box::pin(stream::try_unfold(self.parts.clone(), |mut parts| async move {
            while let Some(part) = parts.pop_front() {
                let (reader, from) = match part {
                    Content::Text(text) if text.is_empty() => continue,
                    Content::Text(text) => return Ok(Some((text, parts))),
                    Content::File(reader, from) => (reader, from),
                };
                let piece = reader.read_at(from, PIECE).await.map_err(|_| UploadFailed)?;
                if !piece.is_empty() {
                    parts.push_front(Content::File(reader, from + piece.len() as u64));
                    return Ok(Some((Bytes::from(piece), parts)));
                }
            }
            Ok(None)
        }))
    }
}

/// Where the files of an answer go.
pub(super) struct Inbound {
    blobs: Arc<dyn BlobStore>,
    workspace: WorkspaceId,
    format: ResponseFormat,
    limit: u64,
    writer: Mutex<Option<Box<dyn BlobWriter>>>,
}

impl Inbound {
    /// Ends the file: it is durable, and has its name.
    ///
    /// # Errors
    /// The store's; [`flero_store::Error::NotFound`] when there is none.
    pub(super) async fn finish(&self) -> Result<BlobRef, flero_store::Error> {
        self.writer.lock().await.take().ok_or(flero_store::Error::NotFound)?.finish().await
    }

    /// Whether an answer is a file by what it says of itself. One without a type is looked at when it is here.
    fn is_file(&self, headers: &HeaderMap) -> bool {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(kind_of);
        match self.format {
            ResponseFormat::File => true,
            ResponseFormat::Auto => kind.is_some_and(|kind| !is_json(&kind) && !is_text(&kind)),
            ResponseFormat::Json | ResponseFormat::Text => false,
        }
    }
}

fn not_stored(error: flero_store::Error) -> NotStored {
    tracing::warn!(%error, "the file of an answer could not be stored");
    NotStored
}

#[async_trait]
impl Landing for Inbound {
    async fn begin(&self, _status: u16, headers: &HeaderMap) -> Result<bool, NotStored> {
        let mut place = self.writer.lock().await;
        // What an earlier attempt brought is dropped.
        *place = None;
        if !self.is_file(headers) {
            return Ok(false);
        }
        let mut writer = self.blobs.begin_blob().await.map_err(not_stored)?;
        writer.write(files::head(self.workspace).as_bytes()).await.map_err(not_stored)?;
        *place = Some(writer);
        Ok(true)
    }

    async fn piece(&self, piece: Bytes) -> Result<(), NotStored> {
        let mut place = self.writer.lock().await;
        place.as_mut().ok_or(NotStored)?.write(&piece).await.map_err(not_stored)
    }

    fn limit(&self) -> u64 {
        self.limit
    }
}

impl Engine {
    /// Where the files of an answer to this request go.
    pub(super) fn landing(&self, facts: &Facts, format: ResponseFormat) -> Arc<Inbound> {
        Arc::new(Inbound {
            blobs: Arc::clone(&self.0.blobs),
            workspace: facts.workspace,
            format,
            limit: self.0.config.file_bytes,
            writer: Mutex::default(),
        })
    }

    /// The body of a request, and the `Content-Type` that only it knows.
    pub(super) async fn body(
        &self,
        facts: &Facts,
        body: &HttpBody,
    ) -> Result<(Outgoing, Option<String>), Failure> {
        let mut sent = Outbound::default();
        let content_type = match body {
            HttpBody::Empty => return Ok((Outgoing::Whole(Bytes::new()), None)),
            HttpBody::Bytes(bytes) => return Ok((Outgoing::Whole(bytes.clone()), None)),
            HttpBody::File(file) => {
                sent.file(self.open_file(facts, file).await?);
                file.get("contentType").and_then(Value::as_str).map(str::to_owned)
            }
            HttpBody::Multipart(parts) => {
                let boundary = format!("flero-{}", self.0.ids.execution(self.now()));
                for part in parts {
                    self.part(facts, &mut sent, &boundary, part).await?;
                }
                sent.text(format!("--{boundary}--\r\n"));
                Some(format!("multipart/form-data; boundary={boundary}"))
            }
        };
        Ok((Outgoing::Files(Arc::new(sent)), content_type))
    }

    /// Writes one part of a form (RFC 7578 section 4).
    async fn part(
        &self,
        facts: &Facts,
        sent: &mut Outbound,
        boundary: &str,
        part: &Part,
    ) -> Result<(), Failure> {
        let mut head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(&part.name));
        if files::is_reference(&part.value) {
            let text = |name: &str| part.value.get(name).and_then(Value::as_str);
            head.push_str(&format!("; filename=\"{}\"", quoted(text("name").unwrap_or("file"))));
            let kind = text("contentType").unwrap_or("application/octet-stream");
            head.push_str(&format!("\r\nContent-Type: {}\r\n\r\n", kind.replace(['\r', '\n'], "")));
            sent.text(head);
            sent.file(self.open_file(facts, &part.value).await?);
        } else {
            // A part with members is JSON unless it is said what else it is (OpenAPI 3.1 section 4.8.14.4).
            let json = part.value.is_object().then_some("application/json");
            if let Some(kind) = part.media_type.as_deref().or(json) {
                head.push_str(&format!("\r\nContent-Type: {}", kind.replace(['\r', '\n'], "")));
            }
            sent.text(format!("{head}\r\n\r\n{}", text_of(&part.value)));
        }
        sent.text("\r\n");
        Ok(())
    }

    /// A stored file of this workspace, compared with its name, and where its content begins.
    pub(super) async fn open_file(
        &self,
        facts: &Facts,
        reference: &Value,
    ) -> Result<(Arc<dyn BlobReader>, u64), Failure> {
        let missing = || {
            Failure::new(
                "file.not_found",
                "The file is not there any more; the run that stored it was deleted.",
            )
        };
        let blob = files::blob(reference).ok_or_else(missing)?;
        let head = files::head(facts.workspace);
        let opened = async {
            let reader = self.0.blobs.open_blob(&blob).await?;
            let first = reader.read_at(0, head.len()).await?;
            // What is another workspace's, or no file, is not even read.
            if first != head.as_bytes() {
                return Err(flero_store::Error::NotFound);
            }
            reader.check().await.map(|()| reader)
        };
        match opened.await {
            Ok(reader) => Ok((reader, head.len() as u64)),
            Err(flero_store::Error::NotFound | flero_store::Error::Corrupt { .. }) => Err(missing()),
            Err(error) => {
                Err(Failure::new("file.unavailable", format!("The file could not be read: {error}."))
                    .retryable())
            }
        }
    }
}

/// A name in a quoted parameter of a part's head (RFC 7578 section 2; browsers escape just these three).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
