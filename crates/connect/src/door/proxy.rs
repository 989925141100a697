//! The authenticated proxy: the body streams in, the scrubbed answer streams out, through the same door.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use flero_model::{
    CredentialId,
    destination::{Destination, Scheme, read_url},
    policy::Principal,
};
use futures_util::{Stream, TryStreamExt};
use http::{HeaderMap, Method, Response, header};
use hyper::body::Incoming;
use tokio::time::timeout;
use url::Url;

use super::{
    Connect, Inner,
    admit::{Opened, Use},
    send, stream,
};
use crate::{
    auth::{Moment, Target},
    body::{self, BoxedBody, Outgoing},
    call::Credential,
    client::{HttpClient, Lease},
    decode,
    error::{Error, Kind},
    headers,
    outcome::{Intent, Purpose},
    transport,
};

/// A request to `ANY /api/proxy/{credentialId}/{host}/{path}`.
pub struct ProxyCall {
    /// Who asks.
    pub principal: Principal,
    /// Which credential is added.
    pub credential: CredentialId,
    /// The method.
    pub method: Method,
    /// `host` or `host:port`, as it stands in the path. The scheme is `https` unless the credential's policy
    /// allows only `http` there.
    pub host: String,
    /// The path and query as the caller wrote them, beginning with `/`.
    pub path_and_query: String,
    /// The caller's fields. Those for Flero itself (its key, cookies, forwarding) are left out.
    pub headers: HeaderMap,
    /// The body.
    pub body: BoxedBody,
    /// How long the head of the answer may take.
    pub timeout: Duration,
}

/// The head of an answer, and its body as it arrives. Redirects are passed on, not followed.
pub struct ProxyReply {
    /// The status code.
    pub status: u16,
    /// The scrubbed fields.
    pub headers: HeaderMap,
    /// The decompressed and scrubbed body.
    pub body: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>,
}

impl Connect {
    /// Sends a request with a credential and passes the answer on. The door records intent and outcome.
    ///
    /// # Errors
    /// As [`Connect::send`].
    pub async fn proxy(&self, call: ProxyCall) -> Result<ProxyReply, Error> {
        let inner = &self.inner;
        let purpose = Purpose::Proxy;
        let use_ = Use { principal: &call.principal, purpose: &purpose, intent: Intent::Record };
        let (url, destination) = inner.proxy_url(call.credential, &call.host, &call.path_and_query).await?;
        inner.check_guard(&destination)?;
        let Some(opened) =
            inner.admit(&use_, Credential::Stored(call.credential), &destination, true).await?
        else {
            return Err(Error::new(Kind::CredentialNotFound));
        };
        let client = inner.client(Some(&opened), &call.principal, true);
        let mut fields = call.headers;
        headers::strip_for_proxy(&mut fields);
        headers::strip_byte_ranges(&mut fields);
        headers::add_defaults(&mut fields);
        let at = |kind: Kind| Error::new(kind).at(&destination);
        let exchanged = async {
            let sending = Sending { inner, client: &client, opened: &opened, method: &call.method };
            let (response, lease) = timeout(call.timeout, sending.send(url, fields, call.body))
                .await
                .map_err(|_| Kind::Timeout)??;
            inner.pass_on(response, lease, &opened, &call.method, &destination).await
        };
        let result = exchanged.await.map_err(at);
        inner.counters.note(result.as_ref().map(|reply| reply.status));
        let (status, signal) = match &result {
            Ok(reply) => (Ok(reply.status), send::signal(true, reply.status)),
            Err(error) => (Err(error), None),
        };
        if matches!(status, Ok(401)) {
            inner.tokens.forget(call.credential);
        }
        let revision = opened.stored.map(|(_, revision)| revision);
        let outcome = use_.outcome(call.credential, revision, Some(&destination), status, signal);
        inner.settle(Intent::Record, Some(outcome)).await;
        result
    }
}

/// A proxied request on its way.
struct Sending<'a> {
    inner: &'a Inner,
    client: &'a HttpClient,
    opened: &'a Opened,
    method: &'a Method,
}

impl Sending<'_> {
    /// Sends the request as it streams in; where the scheme signs the body or may send it twice, it is read first.
    async fn send(
        &self,
        mut url: Url,
        mut fields: HeaderMap,
        body: BoxedBody,
    ) -> Result<(Response<Incoming>, Lease), Kind> {
        let scheme = &self.opened.scheme;
        if !scheme.needs_body(&url, &fields) {
            let moment = Moment::at(self.inner.clock.now())?;
            let mut target = Target { method: self.method, url: &mut url, headers: &mut fields, body: None };
            scheme.apply(&mut target, &moment)?;
            let request = send::build(self.method.clone(), &url, fields, Outgoing::Streamed(body))?;
            return transport::exchange(self.client, request).await;
        }
        let whole = body::collect(body, MAX_SIGNED_BYTES, self.inner.idle_timeout).await?;
        let origin = url.origin().ascii_serialization();
        let mut may_repeat = true;
        loop {
            let (mut url, mut fields, mut body) = (url.clone(), fields.clone(), whole.clone());
            let moment = Moment::at(self.inner.clock.now())?;
            let mut target =
                Target { method: self.method, url: &mut url, headers: &mut fields, body: Some(&mut body) };
            scheme.apply(&mut target, &moment)?;
            let request = send::build(self.method.clone(), &url, fields, Outgoing::Whole(body))?;
            let (response, lease) = transport::exchange(self.client, request).await?;
            let status = response.status().as_u16();
            if !(scheme.is_challenged(&origin, status, response.headers(), &moment) && may_repeat) {
                return Ok((response, lease));
            }
            may_repeat = false;
        }
    }
}

/// The longest body that is read before it is signed, in bytes.
const MAX_SIGNED_BYTES: u64 = 16 << 20;

impl Inner {
    /// The URL of a proxied request. Whether the credential may be used is decided afterwards; its row only says
    /// whether this host is one of clear text.
    async fn proxy_url(
        &self,
        credential: CredentialId,
        host: &str,
        path_and_query: &str,
    ) -> Result<(Url, Destination), Error> {
        let read = |scheme: Scheme| {
            if !path_and_query.starts_with('/') || host.contains(['/', '?', '#']) {
                return Err(Error::new(Kind::InvalidUrl(flero_model::destination::InvalidUrl::Host)));
            }
            read_url(&format!("{}://{host}{path_and_query}", scheme.as_str()))
                .map_err(|fault| Error::new(Kind::InvalidUrl(fault)))
        };
        let (mut url, destination) = read(Scheme::Https)?;
        let row = self.source.credential(credential).await.map_err(|_| Error::new(Kind::StoreUnavailable))?;
        if let Some(row) = row
            && !self.allows(&row.credential.policy, &destination)
        {
            let (clear_url, clear) = read(Scheme::Http)?;
            if row.credential.policy.allowed_hosts.iter().any(|pattern| pattern.allows(&clear, false)) {
                return Ok((clear_url, clear));
            }
        }
        url.set_fragment(None);
        Ok((url, destination))
    }

    async fn pass_on(
        &self,
        response: Response<Incoming>,
        lease: Lease,
        opened: &Opened,
        method: &Method,
        destination: &Destination,
    ) -> Result<ProxyReply, Kind> {
        let (parts, incoming) = response.into_parts();
        let mut fields = parts.headers;
        headers::strip_hop_by_hop(&mut fields);
        let has_body = *method != Method::HEAD && !http_body::Body::is_end_stream(&incoming);
        let codings = if has_body { decode::codings(&fields)? } else { Vec::new() };
        opened.scrubber.scrub_headers(&mut fields);
        let scrubber = Some(&opened.scrubber);
        let pieces = stream::pieces(incoming, lease, self.idle_timeout, &codings, scrubber).await?;
        if !codings.is_empty() {
            fields.remove(header::CONTENT_ENCODING);
        }
        if has_body {
            // What is scrubbed or decompressed has another length.
            fields.remove(header::CONTENT_LENGTH);
        }
        let destination = destination.clone();
        let body = pieces.map_err(move |fault| Error::new(stream::io_kind(&fault)).at(&destination));
        Ok(ProxyReply { status: parts.status.as_u16(), headers: fields, body: Box::pin(body) })
    }
}
