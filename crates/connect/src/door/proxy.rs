//! The authenticated proxy: the body streams in, the scrubbed answer streams out, through the same door.

use std::{pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use flero_model::{
    CredentialId,
    destination::{Destination, Scheme, read_url},
    policy::Principal,
};
use flero_openapi::extension::ErrorRules;
use futures_util::{Stream, TryStreamExt};
use http::{HeaderMap, Method, Response, header};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::timeout;
use url::Url;

use super::{
    Connect, Inner,
    admit::{Opened, Use},
    send::{self, MAX_WORD_BYTES},
    stream,
};
use crate::{
    auth::{Moment, Target},
    body::{self, BoxedBody, Outgoing},
    call::Credential,
    client::{HttpClient, Lease},
    decode,
    error::{Error, Kind},
    headers,
    outcome::{CredentialSignal, Intent, Purpose},
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
    /// How the credential's service tells of errors, where its description says so.
    pub errors: Option<Arc<ErrorRules>>,
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
    /// Sends a request with a credential and passes the answer on. The door records intent and outcome. Where the service
    /// refuses a token that can be renewed, it is: a short request is sent once more with the new one, a longer one went
    /// by while it was sent, and its caller is told the refusal.
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
        let sending = Sending {
            inner,
            client: &client,
            method: &call.method,
            url,
            fields,
            destination: &destination,
            timeout: call.timeout,
            errors: call.errors.as_deref(),
        };
        let result = sending.send(&opened, call.body).await.map_err(|kind| Error::new(kind).at(&destination));
        inner.counters.note(result.as_ref().map(|passed| passed.reply.status));
        let (status, signal) = match &result {
            Ok(passed) => (Ok(passed.reply.status), passed.signal()),
            Err(error) => (Err(error), None),
        };
        if result.as_ref().is_ok_and(|passed| passed.is_refusal) {
            inner.tokens.forget(call.credential);
        }
        let revision = opened.stored.map(|(_, revision)| revision);
        let outcome = use_.outcome(call.credential, revision, Some(&destination), status, signal);
        inner.settle(Intent::Record, Some(outcome)).await;
        result.map(|passed| passed.reply)
    }
}

/// An answer that is passed on.
struct Passed {
    reply: ProxyReply,
    /// Whether it refuses what authenticated the request.
    is_refusal: bool,
}

impl Passed {
    fn signal(&self) -> Option<CredentialSignal> {
        if self.is_refusal { Some(CredentialSignal::Refused) } else { send::signal(true, self.reply.status) }
    }
}

/// A proxied request on its way.
struct Sending<'a> {
    inner: &'a Inner,
    client: &'a HttpClient,
    method: &'a Method,
    url: Url,
    fields: HeaderMap,
    destination: &'a Destination,
    /// How long the head of an answer may take.
    timeout: Duration,
    errors: Option<&'a ErrorRules>,
}

impl Sending<'_> {
    /// Sends the request, and once more with another token where the first one is refused.
    async fn send(&self, opened: &Opened, body: BoxedBody) -> Result<Passed, Kind> {
        let is_short = body.size_hint().upper().is_some_and(|length| length <= MAX_REPEATED_BYTES);
        let (body, again) = if opened.may_renew() && is_short {
            let whole = body::collect(body, MAX_REPEATED_BYTES, self.inner.idle_timeout).await?;
            (Outgoing::Whole(whole.clone()), Some(whole))
        } else {
            (Outgoing::Streamed(body), None)
        };
        let passed = self.once(opened, body).await?;
        if !passed.is_refusal {
            self.inner.note_accepted(opened, Some(passed.reply.status));
            return Ok(passed);
        }
        match (self.inner.after_refusal(opened).await, again) {
            (Some(renewed), Some(body)) => {
                let passed = self.once(&renewed, Outgoing::Whole(body)).await?;
                let taken = (!passed.is_refusal).then_some(passed.reply.status);
                self.inner.note_accepted(&renewed, taken);
                Ok(passed)
            }
            _ => Ok(passed),
        }
    }

    async fn once(&self, opened: &Opened, body: Outgoing) -> Result<Passed, Kind> {
        let (response, lease) =
            timeout(self.timeout, self.exchange(opened, body)).await.map_err(|_| Kind::Timeout)??;
        self.pass_on(response, lease, opened).await
    }

    /// Sends the request as it streams in; where the scheme signs the body or may send it twice, it is read first.
    async fn exchange(&self, opened: &Opened, body: Outgoing) -> Result<(Response<Incoming>, Lease), Kind> {
        let scheme = &opened.scheme;
        if !scheme.needs_body(&self.url, &self.fields) {
            let (mut url, mut fields) = (self.url.clone(), self.fields.clone());
            let moment = Moment::at(self.inner.clock.now())?;
            let mut target = Target { method: self.method, url: &mut url, headers: &mut fields, body: None };
            scheme.apply(&mut target, &moment)?;
            let request = send::build(self.method.clone(), &url, fields, body)?;
            return transport::exchange(self.client, request).await;
        }
        let whole = body::collect(body, MAX_SIGNED_BYTES, self.inner.idle_timeout).await?;
        let origin = self.url.origin().ascii_serialization();
        let mut may_repeat = true;
        loop {
            let (mut url, mut fields, mut body) = (self.url.clone(), self.fields.clone(), whole.clone());
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

    async fn pass_on(
        &self,
        response: Response<Incoming>,
        lease: Lease,
        opened: &Opened,
    ) -> Result<Passed, Kind> {
        let (parts, incoming) = response.into_parts();
        let (status, mut fields) = (parts.status.as_u16(), parts.headers);
        headers::strip_hop_by_hop(&mut fields);
        let has_body = *self.method != Method::HEAD && !http_body::Body::is_end_stream(&incoming);
        let codings = if has_body { decode::codings(&fields)? } else { Vec::new() };
        opened.scrubber.scrub_headers(&mut fields);
        let scrubber = Some(&opened.scrubber);
        let mut pieces = stream::pieces(incoming, lease, self.inner.idle_timeout, &codings, scrubber).await?;
        let mut is_refusal = status == 401;
        if !is_refusal && self.errors.is_some() && send::has_words(&fields) {
            let (word, rest) = stream::beginning(pieces, MAX_WORD_BYTES, WORD_TIME).await;
            is_refusal = word.is_some_and(|word| send::refuses_in_words(self.errors, status, &fields, &word));
            pieces = rest;
        }
        if !codings.is_empty() {
            fields.remove(header::CONTENT_ENCODING);
        }
        if has_body {
            // What is scrubbed or decompressed has another length.
            fields.remove(header::CONTENT_LENGTH);
        }
        let destination = self.destination.clone();
        let body = pieces.map_err(move |fault| Error::new(stream::io_kind(&fault)).at(&destination));
        let reply = ProxyReply { status, headers: fields, body: Box::pin(body) };
        Ok(Passed { reply, is_refusal })
    }
}

/// The longest request that is kept to be sent once more, in bytes.
const MAX_REPEATED_BYTES: u64 = 64 << 10;

/// How long the end of an answer is waited for that may be a refusal: an error comes whole, a stream does not.
const WORD_TIME: Duration = Duration::from_secs(1);

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
}
