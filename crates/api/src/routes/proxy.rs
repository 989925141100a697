//! `ANY /api/proxy/{credentialId}/{host}/{path}`: a service called with a credential that the caller never sees.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use flero_app::App;
use flero_connect::{
    ProxyCall, ProxyReply,
    body::{BoxedBody, UploadFailed},
};
use futures_util::StreamExt;
use http_body_util::BodyExt;

use crate::{
    error::{ApiError, ApiResult, Problem},
    extract::{Caller, CredentialPath},
};

/// How long a service may take to begin its answer.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Call a service through Flero.
///
/// The body streams through; the answer is scrubbed of the secret. The caller's own `Authorization` and cookies stay
/// here.
#[utoipa::path(method(get, post, put, patch, delete, head, options), path = "/api/proxy/{credentialId}/{host}/{path}", tag = "proxy",
    params(("credentialId" = String, Path), ("host" = String, Path, description = "host or host:port"), ("path" = String, Path)), responses(
    (status = "default", description = "The service's answer"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn proxy(
    State(app): State<App>,
    caller: Caller,
    CredentialPath(credential): CredentialPath,
    request: Request,
) -> ApiResult<Response> {
    let (parts, body) = request.into_parts();
    let (host, path_and_query) =
        target(parts.uri.path(), parts.uri.query()).ok_or_else(ApiError::not_found)?;
    let call = ProxyCall {
        principal: (*caller.0).clone(),
        credential,
        method: parts.method,
        host,
        path_and_query,
        headers: parts.headers,
        body: streamed(body),
        timeout: TIMEOUT,
        errors: None,
    };
    Ok(passed_on(app.proxy(&caller, call).await?))
}

fn streamed(body: Body) -> BoxedBody {
    Box::pin(body.map_err(|_| UploadFailed))
}

/// The host and what follows it, as they stand in the path: nothing is decoded, so that what is checked is what is
/// sent.
fn target(path: &str, query: Option<&str>) -> Option<(String, String)> {
    let rest = path.strip_prefix("/api/proxy/")?;
    let (_, rest) = rest.split_once('/')?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    (!host.is_empty()).then(|| (host.to_owned(), format!("/{path}{query}")))
}

fn passed_on(reply: ProxyReply) -> Response {
    let mut response = Response::new(Body::from_stream(reply.body.map(|piece| {
        piece.inspect_err(|error| tracing::warn!(code = error.code(), "a proxied answer broke off"))
    })));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = reply.headers;
    // A cookie of the service is for Flero's session with it, not for the caller's browser on this origin.
    response.headers_mut().remove(axum::http::header::SET_COOKIE);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_stands_in_the_path() {
        let read = |path| target(path, Some("a=%2f"));
        assert_eq!(
            read("/api/proxy/cred_1/api.example.com/v1/x%2Fy/../z"),
            Some(("api.example.com".into(), "/v1/x%2Fy/../z?a=%2f".into()))
        );
        assert_eq!(
            read("/api/proxy/cred_1/api.example.com:8443"),
            Some(("api.example.com:8443".into(), "/?a=%2f".into()))
        );
        assert_eq!(read("/api/proxy/cred_1/"), None);
        assert_eq!(read("/api/proxy/cred_1"), None);
    }
}
