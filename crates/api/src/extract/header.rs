//! `ETag` and `If-Match` (RFC 9110 sections 8.8.3 and 13.1.1).

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
};

use crate::error::{ApiError, codes};

/// The revision that the sender read; `None` when it does not say or takes any.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub Option<u64>);

/// The tag of a revision.
pub(crate) fn etag(revision: u64) -> HeaderValue {
    // Digits and quotes are always a valid header value.
    HeaderValue::from_str(&format!("\"{revision}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(given) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = given.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let digits =
            text.strip_prefix("W/").unwrap_or(text).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match digits {
            // A tag that this server never gave cannot be the present one.
            Some(digits) => Ok(Self(Some(digits.parse().unwrap_or(u64::MAX)))),
            None => Err(ApiError::new(
                codes::INVALID_HEADER,
                "If-Match takes the ETag of the GET, in its quotes.",
            )),
        }
    }
}
