//! Bodies: JSON alone, read strictly and within limits.

use std::time::Duration;

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::Bytes;
use flero_model::json::{self, JsonError};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use super::from_value::from_value;
use crate::error::{ApiError, codes, sentence};

/// The largest body that the API takes, in bytes. A document of 1,000 nodes is about 1 MB.
pub(super) const MAX_BODY_BYTES: usize = 5 << 20;
/// How long a whole body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A type that is read from a submitted JSON body.
pub trait Submitted: DeserializeOwned {
    /// Members that a GET gives: they may be sent back and are ignored.
    const READ_ONLY: &'static [&'static str] = &[];
    /// Whether no body at all means an empty object.
    const MAY_BE_EMPTY: bool = false;
}

/// A JSON body as a type.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A JSON body as it is.
#[derive(Debug)]
pub struct Document(pub Value);

impl<S: Send + Sync, T: Submitted> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let mut value = read_json(request, T::MAY_BE_EMPTY).await?;
        if let Value::Object(members) = &mut value {
            members.retain(|name, _| !T::READ_ONLY.contains(&name.as_str()));
        }
        let read = from_value(&value, false);
        wipe(&mut value);
        read.map(Self).map_err(|fault| ApiError::fields(vec![fault]))
    }
}

impl<S: Send + Sync> FromRequest<S> for Document {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read_json(request, false).await.map(Self)
    }
}

async fn read_json(request: Request, may_be_empty: bool) -> Result<Value, ApiError> {
    let (parts, body) = request.into_parts();
    let typed = is_json(&parts.headers);
    if !typed && !may_be_empty {
        return Err(not_json());
    }
    let bytes = collect(body, &parts.headers, MAX_BODY_BYTES).await?;
    // A body may hold a secret: this copy of it is wiped.
    let bytes = Zeroizing::new(Vec::from(bytes));
    if bytes.is_empty() && may_be_empty {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    if !typed {
        return Err(not_json());
    }
    json::parse(&bytes).map_err(|fault| invalid_json(&fault))
}

fn not_json() -> ApiError {
    ApiError::new(codes::UNSUPPORTED_MEDIA_TYPE, "Send the body as Content-Type: application/json.")
}

pub(crate) fn invalid_json(fault: &JsonError) -> ApiError {
    ApiError::new(codes::INVALID_JSON, sentence(&fault.to_string()))
}

/// Whether exactly one content type is given and it is `application/json`. Nothing is guessed from the body.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    let Ok(text) = only.to_str() else { return false };
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let parameters = parameters.trim();
    essence.trim().eq_ignore_ascii_case("application/json")
        && (parameters.is_empty() || parameters.eq_ignore_ascii_case("charset=utf-8"))
}

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// A problem when it is longer, is cut off, or takes too long.
pub async fn collect(body: axum::body::Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, ApiError> {
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    let read = http_body_util::Limited::new(body, limit).collect();
    match tokio::time::timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(fault)) if fault.is::<http_body_util::LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(_)) => Err(ApiError::new(codes::INVALID_JSON, "The body ended before its announced length.")),
        Err(_) => Err(ApiError::new(codes::BODY_TIMEOUT, "The whole body must arrive within 30 seconds.")),
    }
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(codes::BODY_TOO_LARGE, format!("A body may have at most {limit} bytes here."))
}

/// Overwrites every text of a value.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 66: only `application/json` is read as JSON, whatever the body looks like.
    #[test]
    fn no_other_content_type_is_taken_for_json() {
        let given = |types: &[&str]| {
            let mut headers = HeaderMap::new();
            for text in types {
                headers.append(header::CONTENT_TYPE, text.parse().unwrap());
            }
            is_json(&headers)
        };
        assert!(given(&["application/json"]) && given(&["Application/JSON; charset=UTF-8"]));
        for types in [
            &["text/plain"][..],
            &["application/x-www-form-urlencoded"],
            &["multipart/form-data; boundary=x"],
            &[""],
            &["application/json, text/plain"],
            &["application/json", "application/json"],
            &["application/jsonp"],
            &["application/json; charset=utf-16"],
            &["text/json"],
            &["application/problem+json"],
            &[],
        ] {
            assert!(!given(types), "{types:?}");
        }
    }
}
