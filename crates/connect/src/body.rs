//! Bodies: what is sent, and how an answer is read within limits.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::{
    call::{Request, Upload, UploadPieces},
    error::Kind,
};

/// A body that a caller streams in.
pub type BoxedBody = Pin<Box<dyn Body<Data = Bytes, Error = UploadFailed> + Send>>;

/// The caller's upload broke off.
#[derive(Debug)]
pub struct UploadFailed;

impl fmt::Display for UploadFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the upload broke off")
    }
}

impl std::error::Error for UploadFailed {}

impl From<UploadFailed> for Kind {
    fn from(_: UploadFailed) -> Self {
        Self::Upload
    }
}

impl From<hyper::Error> for Kind {
    fn from(fault: hyper::Error) -> Self {
        crate::transport::body_kind(&fault)
    }
}

/// The body of a request as the call has it: it can be sent again, by another hop.
#[derive(Clone)]
pub(crate) enum Source {
    /// All of it at hand.
    Whole(Bytes),
    /// Read while it is sent.
    Upload(Arc<dyn Upload>),
}

impl Source {
    pub(crate) fn of(request: &Request) -> Self {
        match &request.upload {
            Some(upload) => Self::Upload(Arc::clone(upload)),
            None => Self::Whole(request.body.clone()),
        }
    }

    pub(crate) const fn empty() -> Self {
        Self::Whole(Bytes::new())
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Upload(upload) => upload.length() == 0,
        }
    }

    /// The body for one request.
    pub(crate) fn outgoing(&self) -> Outgoing {
        match self {
            Self::Whole(bytes) => Outgoing::Whole(bytes.clone()),
            Self::Upload(upload) => {
                Outgoing::Streamed(Box::pin(Uploading { pieces: upload.pieces(), left: upload.length() }))
            }
        }
    }

    /// The body for what has to know all of it before it is sent.
    ///
    /// # Errors
    /// [`Kind::UploadTooLarge`] above `limit`; [`Kind::Upload`] when it cannot be read.
    pub(crate) async fn whole(&self, limit: u64) -> Result<Bytes, Kind> {
        let upload = match self {
            Self::Whole(bytes) => return Ok(bytes.clone()),
            Self::Upload(upload) if upload.length() > limit => return Err(Kind::UploadTooLarge { limit }),
            Self::Upload(upload) => upload,
        };
        let mut whole = BytesMut::with_capacity(usize::try_from(upload.length()).unwrap_or(0));
        let mut pieces = upload.pieces();
        while let Some(piece) = pieces.next().await {
            whole.extend_from_slice(&piece?);
        }
        Ok(whole.freeze())
    }
}

/// An upload on its way. Its length is known, so that the service is told it.
struct Uploading {
    pieces: UploadPieces,
    left: u64,
}

impl Body for Uploading {
    type Data = Bytes;
    type Error = UploadFailed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadFailed>>> {
        let piece = std::task::ready!(self.pieces.as_mut().poll_next(context));
        Poll::Ready(piece.map(|piece| {
            let piece = piece?;
            // What was announced is what is sent.
            self.left = self.left.checked_sub(piece.len() as u64).ok_or(UploadFailed)?;
            Ok(Frame::data(piece))
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The body of a request on its way.
pub(crate) enum Outgoing {
    /// All of it at hand.
    Whole(Bytes),
    /// It arrives while it is sent.
    Streamed(BoxedBody),
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = UploadFailed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadFailed>>> {
        match &mut *self {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Streamed(body) => body.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Streamed(body) => body.size_hint(),
        }
    }
}

/// Reads a body whole. A body in one piece is not copied. Trailers are left out.
///
/// # Errors
/// [`Kind::BodyTooLarge`] as soon as it is known, [`Kind::IdleTimeout`] when nothing comes for `idle`, else as
/// [`crate::transport::body_kind`] says.
pub(crate) async fn collect<B>(mut body: B, limit: u64, idle: Duration) -> Result<Bytes, Kind>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Kind>,
{
    let too_large = Kind::BodyTooLarge { limit };
    if body.size_hint().lower() > limit {
        return Err(too_large);
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while !body.is_end_stream() {
        let Some(frame) = timeout(idle, body.frame()).await.map_err(|_| Kind::IdleTimeout)? else { break };
        let Ok(data) = frame.map_err(Into::into)?.into_data() else {
            continue;
        };
        let so_far = first.len() + rest.len() + data.len();
        if so_far as u64 > limit {
            return Err(too_large);
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                rest.reserve(so_far.max(usize::try_from(body.size_hint().lower()).unwrap_or(0)));
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}
