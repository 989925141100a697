//! When a redirect is followed, and what goes along. Pure.
//!
//! The client library follows none; every hop is a request of its own that passes the policy and the guard.

use flero_model::destination::{Destination, Scheme, read_url};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use url::Url;

use crate::error::Kind;

/// The most redirects of one request.
pub(crate) const MAX_REDIRECTS: u8 = 10;

/// The fields that go along to another origin. Everything else may carry identity, whatever its name.
const CROSS_ORIGIN_FIELDS: &[HeaderName] = &[
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::CONTENT_LANGUAGE,
    header::CONTENT_TYPE,
    header::RANGE,
    header::USER_AGENT,
];

/// The next request of a chain.
#[derive(Debug)]
pub(crate) struct Hop {
    pub(crate) url: Url,
    pub(crate) destination: Destination,
    pub(crate) method: Method,
    pub(crate) keeps_body: bool,
    pub(crate) same_origin: bool,
}

/// What an answer asks for: the next request, or `None` when it is the final one.
///
/// # Errors
/// The redirect is one that is never followed; see the kinds that begin with `Redirect`.
pub(crate) fn next_hop(
    current: &Url,
    from: &Destination,
    method: &Method,
    has_body: bool,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Hop>, Kind> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(header::LOCATION) else { return Ok(None) };
    let (url, destination) = target(current, location)?;
    if from.scheme == Scheme::Https && destination.scheme == Scheme::Http {
        return Err(Kind::RedirectInsecure);
    }
    let same_origin = *from == destination;
    // RFC 9110 sections 15.4.2 to 15.4.9: 307 and 308 keep the method, 303 turns it into GET, and 301 and 302
    // turn POST into GET as every browser does.
    let (method, keeps_body) = match status.as_u16() {
        307 | 308 => (method.clone(), has_body),
        303 if *method != Method::HEAD => (Method::GET, false),
        301 | 302 if *method == Method::POST => (Method::GET, false),
        _ => (method.clone(), has_body),
    };
    if keeps_body && !same_origin {
        return Err(Kind::RedirectBody);
    }
    Ok(Some(Hop { url, destination, method, keeps_body, same_origin }))
}

/// The target of a `Location` field. What it says of the authority goes through the same narrow reading as any
/// URL: an absolute and a scheme-relative target are read as they are written, anything else keeps the origin.
fn target(current: &Url, location: &HeaderValue) -> Result<(Url, Destination), Kind> {
    let text = std::str::from_utf8(location.as_bytes()).map_err(|_| Kind::RedirectInvalid)?;
    let repaired_by_parsers = |letter: char| letter.is_control() || letter.is_whitespace() || letter == '\\';
    if text.is_empty() || text.chars().any(repaired_by_parsers) {
        return Err(Kind::RedirectInvalid);
    }
    let mut joined = current.join(text).map_err(|_| Kind::RedirectInvalid)?;
    joined.set_fragment(None);
    let has_scheme = text.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':'));
    let as_written = if has_scheme {
        text.to_owned()
    } else if text.starts_with("//") {
        format!("{}:{text}", current.scheme())
    } else {
        joined.to_string()
    };
    let (_, destination) = read_url(&as_written).map_err(|_| Kind::RedirectInvalid)?;
    if Destination::of(&joined).as_ref() == Ok(&destination) {
        Ok((joined, destination))
    } else {
        Err(Kind::RedirectInvalid)
    }
}

/// The fields for the next request.
pub(crate) fn fields_for(hop: &Hop, headers: HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(headers.len());
    let mut name = None;
    for (next, value) in headers {
        name = next.or(name);
        let Some(name) = &name else { continue };
        let describes_body = name.as_str().starts_with("content-");
        if (hop.same_origin || CROSS_ORIGIN_FIELDS.contains(name)) && (hop.keeps_body || !describes_body) {
            kept.append(name.clone(), value);
        }
    }
    kept
}
