//! Answers with a status, an `ETag` or a `Location`.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::extract::etag;

/// 200 with an `ETag`.
pub(crate) fn tagged<T: Serialize>(revision: u64, body: T) -> Response {
    ([(header::ETAG, etag(revision))], Json(body)).into_response()
}

/// 201 with the place of what was made.
pub(crate) fn created<T: Serialize>(location: &str, revision: Option<u64>, body: T) -> Response {
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    if let Some(revision) = revision {
        response.headers_mut().insert(header::ETAG, etag(revision));
    }
    response
}
