//! What holds for every answer: headers, a request's name, one line in the log.
//!
//! The log line holds the route's template, never the address itself: a path may name a host and a query may hold a
//! secret that somebody put there.

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use crate::error::internal;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Counts requests; the name is unique in the process and tells nothing.
static COUNTER: AtomicU64 = AtomicU64::new(1);

pub(crate) async fn shell(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let method = request.method().clone();
    let template = request.extensions().get::<MatchedPath>().cloned();
    let is_api = request.uri().path().starts_with("/api/");
    // A panic ends one request and not the connection's others. Its message may hold data and is not told.
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => internal("a handler panicked").into_response(),
    };
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

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware, routing::get};
    use http_body_util::BodyExt;
    use tower_service::Service;

    use super::*;

    async fn panicking() {
        panic!("canary-in-a-panic");
    }

    /// Security test 41: a panic inside a handler is a problem that tells nothing, and the next request is served.
    #[tokio::test]
    async fn a_panic_is_an_answer_that_tells_nothing() {
        let mut router: Router =
            Router::new().route("/api/x", get(panicking)).layer(middleware::from_fn(shell));
        for _ in 0..2 {
            let response =
                router.call(Request::builder().uri("/api/x").body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.status(), 500);
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert!(!String::from_utf8_lossy(&body).contains("canary"));
        }
    }
}
