//! One call from the request to the scrubbed answer: the hops, the limits, the outcome.

use std::collections::BTreeMap;

use bytes::Bytes;
use flero_model::{
    OrganizationId,
    destination::{Destination, read_url},
};
use flero_openapi::{
    answer::error_of,
    extension::{ErrorClass, ErrorRules},
    xml,
};
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderValue, Method, Response, Uri, header};
use hyper::body::Incoming;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    Inner,
    admit::{Opened, Use},
    stream,
};
use crate::{
    auth::{Moment, Target},
    body::{self, Outgoing, Source},
    call::{Call, Credential, DEFAULT_MAX_BODY_BYTES, Landing, NotStored, Reply, Request},
    client::{HttpClient, Lease},
    decode::{self, Coding},
    error::{Error, Kind},
    headers,
    outcome::CredentialSignal,
    redirect::{self, Hop, MAX_REDIRECTS},
    transport,
};

/// The longest body of a redirect that is read, in bytes.
const MAX_NOTE_BYTES: u64 = 16 * 1024;

/// The longest upload that is read before it is signed, in bytes.
const MAX_SIGNED_BYTES: u64 = DEFAULT_MAX_BODY_BYTES;

pub(super) async fn send(inner: &Inner, call: Call) -> Result<Reply, Error> {
    let started = Instant::now();
    let Call { principal, purpose, credential, intent, request } = call;
    let organization = principal.organization;
    let use_ = Use { principal: &principal, purpose: &purpose, intent };
    let stored = match &credential {
        Credential::Stored(id) => Some(*id),
        _ => None,
    };
    // What is wrong with the request itself is told before the credential is looked at, except that a use of a
    // stored credential leaves its outcome in every case.
    let prepared = prepare(inner, &request);
    let (url, destination, mut fields) = match prepared {
        Ok(prepared) => prepared,
        Err(mut error) => {
            let outcome = stored.map(|id| use_.outcome(id, None, None, Err(&error), None));
            error.used = inner.settle(intent, outcome).await.map(Box::new);
            return Err(error);
        }
    };
    let opened = inner.admit(&use_, credential, &destination, request.validate_ssl).await?;
    if opened.is_some() {
        headers::strip_byte_ranges(&mut fields);
    }
    let client = inner.client(opened.as_ref(), &principal, request.validate_ssl);
    // A connection that shows a certificate is an identity: hops without the credential take others.
    let bare = opened.as_ref().filter(|opened| opened.scheme.identity().is_some());
    let bare = bare.map(|_| inner.client(None, &principal, request.validate_ssl));
    let bare = bare.as_deref().unwrap_or(&client);
    // Waiting for a token that somebody renews is not the called service's time.
    let deadline = Instant::now() + request.timeout;
    let travel = async |opened: Option<&Opened>| {
        let journey = Journey { inner, opened, client: &client, bare, request: &request, organization };
        match timeout_at(deadline, journey.travel(url.clone(), destination.clone(), fields.clone())).await {
            Ok(result) => result,
            Err(_) => Err(Error::new(Kind::Timeout).at(&destination)),
        }
    };
    let mut result = travel(opened.as_ref()).await;
    if let (Ok(Arrived { is_refusal: true, .. }), Some(first)) = (&result, &opened)
        && let Some(renewed) = inner.after_refusal(first).await
    {
        result = travel(Some(&renewed)).await;
        let taken = result.as_ref().ok().filter(|arrived| !arrived.is_refusal);
        inner.note_accepted(&renewed, taken.map(|arrived| arrived.status));
    }
    if let (Some(id), Ok(Arrived { is_refusal: true, .. })) = (stored, &result) {
        // A token that came in exchange may have been withdrawn; the next use fetches another one.
        inner.tokens.forget(id);
    }
    let revision = opened.as_ref().and_then(|opened| opened.stored).map(|(_, revision)| revision);
    let outcome = stored.map(|id| match &result {
        Ok(arrived) => use_.outcome(id, revision, Some(&destination), Ok(arrived.status), arrived.signal()),
        Err(error) => use_.outcome(id, revision, Some(&destination), Err(error), None),
    });
    let used = inner.settle(intent, outcome).await;
    match result {
        Ok(arrived) => Ok(Reply {
            status: arrived.status,
            headers: arrived.headers,
            body: arrived.body,
            landed: arrived.landed,
            elapsed: started.elapsed(),
            redirects: arrived.redirects,
            used,
        }),
        Err(mut error) => {
            error.used = used.map(Box::new);
            Err(error)
        }
    }
}

/// Reads the URL and the fields, and asks the guard what can be said without resolving.
fn prepare(inner: &Inner, request: &Request) -> Result<(Url, Destination, HeaderMap), Error> {
    let (mut url, destination) =
        read_url(&request.url).map_err(|fault| Error::new(Kind::InvalidUrl(fault)))?;
    url.set_fragment(None);
    if matches!(request.method, Method::CONNECT | Method::TRACE) {
        return Err(Error::new(Kind::MethodRefused).at(&destination));
    }
    let mut fields = headers::read(&request.headers).map_err(|kind| Error::new(kind).at(&destination))?;
    headers::add_defaults(&mut fields);
    inner.check_guard(&destination)?;
    Ok((url, destination, fields))
}

/// A call on its way through the hops.
struct Journey<'a> {
    inner: &'a Inner,
    opened: Option<&'a Opened>,
    client: &'a HttpClient,
    /// For hops that the credential does not go along with.
    bare: &'a HttpClient,
    request: &'a Request,
    /// Whose policy the hops have to pass too.
    organization: OrganizationId,
}

/// An answer that arrived.
struct Arrived {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
    landed: Option<u64>,
    redirects: u8,
    authenticated: bool,
    /// Whether it refuses what authenticated the request: with 401, or in the words that the service is described to use.
    is_refusal: bool,
}

impl Arrived {
    /// What the answer says of the credential, if it was asked with it.
    fn signal(&self) -> Option<CredentialSignal> {
        if self.is_refusal {
            Some(CredentialSignal::Refused)
        } else {
            signal(self.authenticated, self.status)
        }
    }
}

/// The longest body that is read for the service's own word of refusal, in bytes: an error is short.
pub(super) const MAX_WORD_BYTES: usize = 64 << 10;

/// Whether an answer refuses what authenticated its request, as the service is described to say it.
pub(super) fn refuses_in_words(
    rules: Option<&ErrorRules>,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> bool {
    let Some(rules) = rules.filter(|_| body.len() <= MAX_WORD_BYTES) else { return false };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let value = if kind.is_some_and(xml::is_xml) {
        std::str::from_utf8(body).ok().and_then(|text| xml::value(text, None, &BTreeMap::new()))
    } else {
        serde_json::from_slice(body).ok()
    };
    let error = value.and_then(|value: Value| error_of(Some(rules), status, &value));
    error.is_some_and(|error| error.class == ErrorClass::Authentication)
}

/// Whether an answer is of a kind that words are found in: JSON or XML.
pub(super) fn has_words(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.ends_with("+json") || xml::is_xml(kind)
}

/// What a status says of the credential that was sent along. 401 and 403 refuse it, a success accepts it, and
/// any other status says nothing of it.
pub(super) const fn signal(authenticated: bool, status: u16) -> Option<CredentialSignal> {
    match status {
        _ if !authenticated => None,
        401 | 403 => Some(CredentialSignal::Refused),
        200..=399 => Some(CredentialSignal::Accepted),
        _ => None,
    }
}

impl Journey<'_> {
    async fn travel(&self, url: Url, destination: Destination, fields: HeaderMap) -> Result<Arrived, Error> {
        let mut url = url;
        let mut destination = destination;
        let mut fields = fields;
        let mut method = self.request.method.clone();
        let mut body = Source::of(self.request);
        let mut authenticated = self.opened.is_some();
        let mut redirects = 0;
        loop {
            let at = |kind: Kind| Error::new(kind).at(&destination);
            let scheme = self.opened.filter(|_| authenticated);
            // Only a hop that may be followed needs its fields again.
            let again = if self.request.follow_redirects {
                Some((url.clone(), fields.clone(), body.clone()))
            } else {
                None
            };
            let (response, lease) =
                self.one_hop(scheme, method.clone(), url, fields, body).await.map_err(at)?;
            let Some((from, kept, kept_body)) = again else {
                return self.arrive(response, lease, redirects, authenticated, &method).await.map_err(at);
            };
            let next = redirect::next_hop(
                &from,
                &destination,
                &method,
                !kept_body.is_empty(),
                response.status(),
                response.headers(),
            );
            let status = response.status().as_u16();
            let Some(hop) = next.map_err(|kind| at(kind).with_status(status))? else {
                return self.arrive(response, lease, redirects, authenticated, &method).await.map_err(at);
            };
            redirects += 1;
            if redirects > MAX_REDIRECTS {
                return Err(at(Kind::TooManyRedirects));
            }
            self.check_hop(&destination, &hop).await?;
            // The body of a redirect is a note for people; a short one is read so that the connection lives on.
            let note = body::collect(response.into_body(), MAX_NOTE_BYTES, self.inner.idle_timeout).await;
            if note.is_ok() {
                lease.give_back();
            }
            authenticated &= hop.same_origin;
            fields = redirect::fields_for(&hop, kept);
            body = if hop.keeps_body { kept_body } else { Source::empty() };
            (url, destination, method) = (hop.url, hop.destination, hop.method);
        }
    }

    /// Every hop passes the guard and the credential's policy. A hop that the policy does not hold ends the call
    /// even though the credential would not go along: what comes back would be taken for the service's word. Beside
    /// a credential the error names the host that redirected: the other one is the service's text, and may hold
    /// the secret in a form that no needle has.
    async fn check_hop(&self, from: &Destination, hop: &Hop) -> Result<(), Error> {
        let open = match self.inner.check_guard(&hop.destination) {
            Ok(()) => self.inner.check_reach(self.organization, &hop.destination).await,
            closed => closed,
        };
        let Some(opened) = self.opened else { return open };
        open.map_err(|error| Error::new(error.kind()).at(from))?;
        if !self.inner.allows(opened.row.policy(), &hop.destination) {
            return Err(Error::new(Kind::DestinationRefused).at(from));
        }
        if !hop.same_origin && opened.scrubber.finds(hop.url.as_str().as_bytes()) {
            return Err(Error::new(Kind::RedirectSecret).at(from));
        }
        Ok(())
    }

    /// One request and the head of its answer. A challenge that the scheme can answer is answered once.
    async fn one_hop(
        &self,
        opened: Option<&Opened>,
        method: Method,
        url: Url,
        fields: HeaderMap,
        body: Source,
    ) -> Result<(Response<Incoming>, Lease), Kind> {
        let Some(opened) = opened else {
            return transport::exchange(self.bare, build(method, &url, fields, body.outgoing())?).await;
        };
        // What is signed, or may have to be sent twice at once, is read first.
        let body = match body {
            Source::Upload(_) if opened.scheme.needs_body(&url, &fields) => {
                Source::Whole(body.whole(MAX_SIGNED_BYTES).await?)
            }
            body => body,
        };
        let origin = url.origin().ascii_serialization();
        let mut may_repeat = true;
        loop {
            let (mut url, mut fields, mut body) = (url.clone(), fields.clone(), body.clone());
            let moment = Moment::at(self.inner.clock.now())?;
            let whole = match &mut body {
                Source::Whole(bytes) => Some(bytes),
                Source::Upload(_) => None,
            };
            let mut target = Target { method: &method, url: &mut url, headers: &mut fields, body: whole };
            opened.scheme.apply(&mut target, &moment)?;
            let request = build(method.clone(), &url, fields, body.outgoing())?;
            let (response, lease) = transport::exchange(self.client, request).await?;
            let status = response.status().as_u16();
            let is_challenged = opened.scheme.is_challenged(&origin, status, response.headers(), &moment);
            if !(is_challenged && may_repeat) {
                return Ok((response, lease));
            }
            may_repeat = false;
            if body::collect(response.into_body(), MAX_NOTE_BYTES, self.inner.idle_timeout).await.is_ok() {
                lease.give_back();
            }
        }
    }

    async fn arrive(
        &self,
        response: Response<Incoming>,
        lease: Lease,
        redirects: u8,
        authenticated: bool,
        method: &Method,
    ) -> Result<Arrived, Kind> {
        let limit = self.request.max_body_bytes;
        let (parts, incoming) = response.into_parts();
        let (status, mut headers) = (parts.status.as_u16(), parts.headers);
        headers::strip_hop_by_hop(&mut headers);
        let codings = match decode::codings(&headers) {
            Ok(codings) => codings,
            // Without a credential there is nothing to scrub, so the body may stay as it is.
            Err(_) if self.opened.is_none() => Vec::new(),
            Err(_) if *method == Method::HEAD => Vec::new(),
            Err(kind) => return Err(kind),
        };
        if let Some(opened) = self.opened {
            opened.scrubber.scrub_headers(&mut headers);
        }
        let has_body = *method != Method::HEAD && !http_body::Body::is_end_stream(&incoming);
        if let Some(landing) = self.request.landing.as_deref().filter(|_| has_body)
            && landing.begin(status, &headers).await.map_err(|NotStored| Kind::NotStored)?
        {
            let landed = Some(self.land(incoming, lease, &codings, landing).await?);
            if !codings.is_empty() {
                headers.remove(header::CONTENT_ENCODING);
            }
            if landed.map(HeaderValue::from).as_ref() != headers.get(header::CONTENT_LENGTH) {
                headers.remove(header::CONTENT_LENGTH);
            }
            let is_refusal = authenticated && status == 401;
            let body = Bytes::new();
            return Ok(Arrived { status, headers, body, landed, redirects, authenticated, is_refusal });
        }
        let mut body = body::collect(incoming, limit, self.inner.idle_timeout).await?;
        lease.give_back();
        if !codings.is_empty() {
            body = decode::decode_whole(body, &codings, limit).await?;
            headers.remove(header::CONTENT_ENCODING);
            headers.remove(header::CONTENT_LENGTH);
        }
        if let Some(opened) = self.opened {
            let length = body.len();
            body = opened.scrubber.scrub(body);
            if body.len() != length {
                headers.remove(header::CONTENT_LENGTH);
            }
        }
        let rules = self.request.errors.as_deref();
        let is_refusal = authenticated && (status == 401 || refuses_in_words(rules, status, &headers, &body));
        Ok(Arrived { status, headers, body, landed: None, redirects, authenticated, is_refusal })
    }

    /// Hands a body on as it arrives; returns how long it was.
    async fn land(
        &self,
        incoming: Incoming,
        lease: Lease,
        codings: &[Coding],
        landing: &dyn Landing,
    ) -> Result<u64, Kind> {
        let limit = landing.limit();
        if codings.is_empty() && http_body::Body::size_hint(&incoming).lower() > limit {
            return Err(Kind::BodyTooLarge { limit });
        }
        let scrubber = self.opened.map(|opened| &opened.scrubber);
        let idle = self.inner.idle_timeout;
        let mut pieces = stream::pieces(incoming, lease, idle, codings, scrubber).await?;
        let mut length = 0;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|fault| stream::io_kind(&fault))?;
            length += piece.len() as u64;
            if length > limit {
                return Err(Kind::BodyTooLarge { limit });
            }
            landing.piece(piece).await.map_err(|NotStored| Kind::NotStored)?;
        }
        Ok(length)
    }
}

/// The library's request. The URI is made from the parsed URL that was checked, so host and path are the same.
pub(super) fn build(
    method: Method,
    url: &Url,
    fields: HeaderMap,
    body: Outgoing,
) -> Result<http::Request<Outgoing>, Kind> {
    let uri: Uri = url
        .as_str()
        .parse()
        .map_err(|_| Kind::InvalidUrl(flero_model::destination::InvalidUrl::Ambiguous))?;
    let mut request = http::Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = fields;
    Ok(request)
}
