//! What holds for every answer: headers, a request's name, one line in the log.
//!
//! The log line holds the route's template, never the address itself: a path may name a host and a query may hold a
//! secret that somebody put there.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Counts requests; the name is unique in the process and tells nothing.
static COUNTER: AtomicU64 = AtomicU64::new(1);

pub(crate) async fn shell(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let method = request.method().clone();
    let template = request.extensions().get::<MatchedPath>().cloned();
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.remove(header::SERVER);
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let is_html =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_html && !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ));
    }
    if let Ok(value) = HeaderValue::from_str(&format!("{number:016x}")) {
        headers.insert(REQUEST_ID, value);
    }
    let template = template.as_ref().map_or("(none)", MatchedPath::as_str);
    let (status, micros) = (response.status().as_u16(), began.elapsed().as_micros() as u64);
    if is_api {
        tracing::info!(request = number, %method, template, status, micros, "request");
    } else {
        tracing::debug!(request = number, %method, template, status, micros, "request");
    }
    response
}
