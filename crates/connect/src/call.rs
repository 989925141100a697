//! What goes in at the door, and what comes out.

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use flero_model::{CredentialId, credential::Policy, policy::Principal, secret::SecretBytes};
use flero_openapi::extension::ErrorRules;
use futures_util::Stream;
use http::{HeaderMap, Method};

use crate::{
    body::UploadFailed,
    outcome::{Intent, Purpose, UseOutcome},
};

/// The largest body of an answer unless the caller says otherwise, in bytes.
pub const DEFAULT_MAX_BODY_BYTES: u64 = 50 * 1024 * 1024;

/// How long a request may take unless the caller says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// What a body consists of, in order. Each piece is small enough to be held in memory.
pub type UploadPieces = Pin<Box<dyn Stream<Item = Result<Bytes, UploadFailed>> + Send>>;

/// A body that is never whole in memory. It can be read more than once, because a redirect may ask for it again.
pub trait Upload: Send + Sync {
    /// Its length in bytes: it is told to the service before the first piece.
    fn length(&self) -> u64;

    /// The pieces from the beginning.
    fn pieces(&self) -> UploadPieces;
}

/// Takes the body of an answer piece by piece, so that a file is never whole in memory.
#[async_trait]
pub trait Landing: Send + Sync {
    /// Whether it takes the body of an answer with this head; what came of an earlier one is dropped then. The fields
    /// are scrubbed.
    ///
    /// # Errors
    /// [`NotStored`].
    async fn begin(&self, status: u16, headers: &HeaderMap) -> Result<bool, NotStored>;

    /// Takes the next piece, scrubbed and decompressed.
    ///
    /// # Errors
    /// [`NotStored`]; the answer is given up.
    async fn piece(&self, piece: Bytes) -> Result<(), NotStored>;

    /// The longest body that is taken, after decompression, in bytes.
    fn limit(&self) -> u64;
}

/// A piece could not be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotStored;

/// One use of the door, with what is asked: a request over HTTP, a [`Statement`](crate::Statement), or a
/// [`MailRequest`](crate::MailRequest).
#[derive(Debug)]
pub struct Call<R = Request> {
    /// Who asks, as known at this moment. Without a credential only the workspace counts.
    pub principal: Principal,
    /// What for.
    pub purpose: Purpose,
    /// Which credential is added.
    pub credential: Credential,
    /// Where the intent stands. Without a credential it has no meaning.
    pub intent: Intent,
    /// What is asked, without authentication.
    pub request: R,
}

/// Which credential is added to a request. There is no default credential, ever.
pub enum Credential {
    /// None.
    None,
    /// A stored one.
    Stored(CredentialId),
    /// One that is not stored: the test of a form, or of a new secret before a rotation. The caller has decided
    /// that the principal may do this, and records it as a test.
    Unsaved {
        /// Where the secret may go and how.
        policy: Box<Policy>,
        /// The secret fields, as a JSON object.
        data: SecretBytes,
    },
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("None"),
            Self::Stored(id) => write!(formatter, "Stored({id})"),
            Self::Unsaved { .. } => formatter.write_str("Unsaved(..)"),
        }
    }
}

/// A request without authentication.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The URL, `https://` or `http://`.
    pub url: String,
    /// Header fields in the order in which they are sent. `Host`, `Content-Length` and other fields of the
    /// connection are refused.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Bytes,
    /// A body that is read while it is sent, in place of [`Request::body`].
    pub upload: Option<Arc<dyn Upload>>,
    /// Where a file of the answer goes while it arrives. Without it every answer is held in memory.
    pub landing: Option<Arc<dyn Landing>>,
    /// How long everything may take: connecting, redirects, and the answer's last byte.
    pub timeout: Duration,
    /// Whether redirects are followed, up to ten.
    pub follow_redirects: bool,
    /// Whether the service's certificate is checked. `false` beside a credential only where the credential's
    /// parameters say `"validateSsl": false`.
    pub validate_ssl: bool,
    /// The largest body that is accepted, after decompression, in bytes.
    pub max_body_bytes: u64,
    /// How the service tells of errors, where its description says so: with it, a service that refuses what authenticates
    /// a request under another status than 401 is understood too.
    pub errors: Option<Arc<ErrorRules>>,
}

impl Request {
    /// A request with the defaults: 30 seconds, redirects followed, certificates checked, 50 MB.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            upload: None,
            landing: None,
            timeout: DEFAULT_TIMEOUT,
            follow_redirects: true,
            validate_ssl: true,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            errors: None,
        }
    }
}

impl fmt::Debug for Request {
    /// Neither the URL nor the fields nor the body are shown: each may hold what is not for a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Request({}, {} fields, {} bytes)",
            self.method,
            self.headers.len(),
            self.upload.as_ref().map_or(self.body.len() as u64, |upload| upload.length())
        )
    }
}

/// An answer, scrubbed and decompressed.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The header fields, without those of the connection and without the body's coding.
    pub headers: HeaderMap,
    /// The body; empty where it went to the request's [`Landing`].
    pub body: Bytes,
    /// How many bytes of body went to the request's [`Landing`]; `None` when the body is here.
    pub landed: Option<u64>,
    /// From the call to the last byte.
    pub elapsed: Duration,
    /// How many redirects were followed.
    pub redirects: u8,
    /// How the use ended, for the caller to store with the result. `None` without a stored credential, and where
    /// the door recorded the intent, because then it stored the outcome too.
    pub used: Option<UseOutcome>,
}

/// What a server answered that speaks no HTTP, scrubbed.
#[derive(Debug)]
pub struct AccountReply<A, R> {
    /// The answer, or what the server says is wrong with what was asked.
    pub answer: Result<A, R>,
    /// From the call to the end.
    pub elapsed: Duration,
    /// How the use ended, for the caller to store; as in [`Reply::used`].
    pub used: Option<UseOutcome>,
}
