//! Calling an authorization server: the same guard and the same dialler as every call, no redirect, small answers.
//!
//! Its addresses are entries of the credential's policy by themselves. They are `https`, or `http` to a host that
//! the operator's own list names.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use flero_model::{
    destination::{Destination, Scheme},
    secret::SecretBytes,
};
use http::{HeaderMap, Method, Request, header};
use tokio::time::timeout;
use url::Url;

use super::{fault::Fault, request::Prepared};
use crate::auth::certificate::Identity;
use crate::{
    body::{self, Outgoing},
    client::HttpClient,
    decode,
    dial::{Connector, Dialer},
    error::Kind,
    headers,
};

/// The largest answer of an authorization server that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 256 << 10;

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: SecretBytes,
}

impl Answer {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The way to authorization servers. Each call has a connection of its own, so that nothing of one credential is
/// left for another.
#[derive(Clone)]
pub(crate) struct Wire {
    dialer: Arc<Dialer>,
    timeout: Duration,
}

impl Wire {
    pub(crate) const fn new(dialer: Arc<Dialer>, timeout: Duration) -> Self {
        Self { dialer, timeout }
    }

    /// Sends a prepared request with POST.
    pub(crate) async fn post(&self, prepared: Prepared) -> Result<Answer, Fault> {
        let Prepared { url, headers, body, identity } = prepared;
        self.exchange(Method::POST, url, headers, body, identity).await
    }

    /// Reads a document.
    pub(crate) async fn get(&self, url: Url, headers: HeaderMap) -> Result<Answer, Fault> {
        self.exchange(Method::GET, url, headers, Bytes::new(), None).await
    }

    async fn exchange(
        &self,
        method: Method,
        url: Url,
        mut headers: HeaderMap,
        body: Bytes,
        identity: Option<Arc<Identity>>,
    ) -> Result<Answer, Fault> {
        self.check(&url)?;
        headers::add_defaults(&mut headers);
        let uri = url.as_str().parse().map_err(|_| Fault::Settings("a URL"))?;
        let mut request = Request::new(Outgoing::Whole(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let client = HttpClient::new(Connector::new(Arc::clone(&self.dialer), true, identity));
        let exchanged = async {
            let (response, _lease) = client.request(request).await?;
            let (parts, incoming) = response.into_parts();
            let codings = decode::codings(&parts.headers)?;
            let mut body = body::collect(incoming, MAX_ANSWER_BYTES, self.timeout).await?;
            if !codings.is_empty() {
                body = decode::decode_whole(body, &codings, MAX_ANSWER_BYTES).await?;
            }
            Ok::<_, Kind>((parts, body))
        };
        let (parts, body) = timeout(self.timeout, exchanged)
            .await
            .map_err(|_| Fault::Call(Kind::Timeout))?
            .map_err(Fault::Call)?;
        // The library's own buffer cannot be wiped when it is shared; where it is not, it becomes ours.
        let body = SecretBytes::new(Vec::from(body));
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// Whether the operator's own list names a destination.
    pub(crate) fn lists(&self, destination: &Destination) -> bool {
        self.dialer.guard.lists(destination)
    }

    /// Whether an address may be called at all.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Fault> {
        let destination = Destination::of(url).map_err(|fault| Fault::Call(Kind::InvalidUrl(fault)))?;
        let guard = &self.dialer.guard;
        guard.check_destination(&destination).map_err(|reason| Fault::Call(Kind::Blocked(reason)))?;
        // RFC 6749 section 3.2 demands TLS; the operator's own list is for services of the same machine or network.
        if destination.scheme == Scheme::Http && !guard.lists(&destination) {
            return Err(Fault::Call(Kind::DestinationRefused));
        }
        Ok(())
    }
}

/// `Retry-After` of an answer, as text.
pub(crate) fn retry_after(answer: &Answer) -> Option<&str> {
    answer.header(header::RETRY_AFTER.as_str())
}
