//! Requests that another site may have sent (CSRF).
//!
//! A request with a session that changes something carries the session's token in `X-CSRF-Token` and comes from a page
//! of this server, which the browser says in `Origin` (RFC 6454 section 7).

use axum::http::{HeaderMap, Method, header, request::Parts};
use flero_app::{App, Error, Refusal, people::sessions::is_csrf_token};
use url::{Host, Url};

/// Whether a request may change something. The authenticated proxy always may: a GET there is a call to a service.
fn is_unsafe(parts: &Parts) -> bool {
    !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS)
        || parts.uri.path().starts_with("/api/proxy/")
}

/// Refuses a request with a session that another site may have sent.
pub(super) fn refuse_forged(parts: &Parts, app: &App, session_token: &str) -> Result<(), Error> {
    if !is_unsafe(parts) {
        return Ok(());
    }
    let presented =
        parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if is_from_here(parts, app) && is_csrf_token(session_token, presented) {
        Ok(())
    } else {
        Err(Error::Forbidden(Refusal::Forged))
    }
}

/// Whether the browser says that a page of this server made the request.
///
/// With a GET to its own server a browser sends no `Origin`; it then says so in `Sec-Fetch-Site`, which no script can
/// set (Fetch Metadata Request Headers, section 2.1).
fn is_from_here(parts: &Parts, app: &App) -> bool {
    let is_reading = matches!(parts.method, Method::GET | Method::HEAD);
    if is_reading && !parts.headers.contains_key(header::ORIGIN) {
        return parts.headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"same-origin");
    }
    given_origin(&parts.headers).is_some_and(|origin| is_own_origin(origin, app, &parts.headers))
}

/// Refuses a request without a session that a page of another site sent: it could sign the browser in as somebody
/// else. A program sends no `Origin`.
pub(crate) fn refuse_foreign_page(headers: &HeaderMap, app: &App) -> Result<(), Error> {
    match headers.get(header::ORIGIN) {
        None => Ok(()),
        Some(_) if given_origin(headers).is_some_and(|origin| is_own_origin(origin, app, headers)) => Ok(()),
        Some(_) => Err(Error::Forbidden(Refusal::Forged)),
    }
}

fn given_origin(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::ORIGIN).iter();
    match (given.next(), given.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    }
}

/// Whether an origin is that of the public URL, or the loopback name that the request itself went to: whoever works on
/// the machine may write `localhost` for `127.0.0.1`.
fn is_own_origin(origin: &str, app: &App, headers: &HeaderMap) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    if Url::parse(app.public_url()).is_ok_and(|own| own.origin() == origin.origin()) {
        return true;
    }
    let is_loopback = match origin.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    is_loopback
        && Url::parse(&format!("{}://{host}", origin.scheme()))
            .is_ok_and(|asked| asked.origin() == origin.origin())
}
