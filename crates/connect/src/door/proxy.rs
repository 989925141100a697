//! The authenticated proxy: the body streams in, the scrubbed answer streams out, through the same door.

use std::{io, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use flero_model::{
    CredentialId,
    destination::{Destination, Scheme, read_url},
    policy::Principal,
};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use http::{HeaderMap, Method, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;
use tokio_util::io::{ReaderStream, StreamReader};
use url::Url;

use super::{
    Connect, Inner,
    admit::{Opened, Use},
    send,
};
use crate::{
    auth::{Moment, Target},
    body::{self, BoxedBody, Outgoing},
    call::Credential,
    client::{HttpClient, Lease},
    decode,
    dial::DialError,
    error::{Error, Kind},
    headers,
    outcome::{Intent, Purpose},
    scrub::StreamScrubber,
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
        let arriving = arriving(incoming, lease, self.idle_timeout);
        let decoded: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>> = if codings.is_empty() {
            Box::pin(arriving)
        } else {
            let reader = StreamReader::new(Box::pin(arriving));
            let reader = decode::decode_stream(reader, &codings).await.map_err(|fault| io_kind(&fault))?;
            fields.remove(header::CONTENT_ENCODING);
            Box::pin(ReaderStream::with_capacity(reader, 16 * 1024))
        };
        if has_body {
            // What is scrubbed or decompressed has another length.
            fields.remove(header::CONTENT_LENGTH);
        }
        let scrubber = StreamScrubber::new(Arc::clone(&opened.scrubber));
        let destination = destination.clone();
        let body =
            scrubbed(decoded, scrubber).map_err(move |fault| Error::new(io_kind(&fault)).at(&destination));
        Ok(ProxyReply { status: parts.status.as_u16(), headers: fields, body: Box::pin(body) })
    }
}

/// The pieces of a body; trailers are left out. Errors carry their kind through the readers behind.
fn arriving(body: Incoming, lease: Lease, idle: Duration) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold((body, lease), move |(mut body, lease)| async move {
        loop {
            let frame = match timeout(idle, body.frame()).await {
                Err(_) => return Err(io::Error::other(DialError(Kind::IdleTimeout))),
                Ok(None) => {
                    lease.give_back();
                    return Ok(None);
                }
                Ok(Some(Err(fault))) => {
                    return Err(io::Error::other(DialError(transport::body_kind(&fault))));
                }
                Ok(Some(Ok(frame))) => frame,
            };
            if let Ok(data) = frame.into_data() {
                return Ok(Some((data, (body, lease))));
            }
        }
    })
}

fn io_kind(fault: &io::Error) -> Kind {
    fault
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<DialError>())
        .map_or(Kind::Decoding, |DialError(kind)| *kind)
}

fn scrubbed(
    body: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
    scrubber: StreamScrubber,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(Some((body, scrubber)), |state| async move {
        let Some((mut body, mut scrubber)) = state else { return Ok(None) };
        while let Some(piece) = body.next().await {
            let clean = scrubber.push(piece?);
            if !clean.is_empty() {
                return Ok(Some((clean, Some((body, scrubber)))));
            }
        }
        let rest = scrubber.finish();
        Ok(if rest.is_empty() { None } else { Some((rest, None)) })
    })
}
