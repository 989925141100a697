//! `ANY /webhook/{path}`: requests from outside that start runs.

mod body_budget;

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use flero_app::{
    App, Error,
    webhooks::{Fired, Hook, Incoming},
};
use flero_model::execution::ExecutionStatus;
use serde_json::{Value, json};

pub(super) use self::body_budget::WEBHOOK_BODIES;
use crate::{
    error::{ApiError, Problem, codes},
    extract::{Path, collect},
};

/// The largest body that a webhook takes, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 16 << 20;

/// Call a webhook: starts a run of the active workflow that listens at the path.
#[utoipa::path(method(get, post, put, patch, delete, head, options), path = "/webhook/{path}", tag = "webhooks", security(()),
    params(("path" = String, Path)), responses(
    (status = "default", description = "What the workflow answers"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn webhook(State(app): State<App>, Path(path): Path<String>, request: Request) -> Response {
    let hook = match app.find_webhook(&path).await {
        Ok(hook) => hook,
        Err(error) => return ApiError::from(error).into_response(),
    };
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = if is_preflight(request.method(), request.headers()) && !takes_options(&hook) {
        preflight(&hook, request.headers())
    } else {
        match fire(&app, &hook, &path, request).await {
            Ok(fired) => answer(fired),
            Err(error) => error.into_response(),
        }
    };
    allow_origin(&hook, origin.as_ref(), response.headers_mut());
    response
}

async fn fire(app: &App, hook: &Hook, path: &str, request: Request) -> Result<Fired, ApiError> {
    let (parts, body) = request.into_parts();
    let method = parts.method.as_str();
    // HEAD is asked for by link previews and monitors: it is no call of a GET webhook, which would start a run.
    if hook.options().method.is_some_and(|taken| taken != method) {
        let allowed = hook.options().method.unwrap_or_default().to_owned();
        return Err(Error::WebhookMethod { allowed }.into());
    }
    // Who may not call is told before the body is read.
    let admitted = app.admit_webhook(hook, &parts.headers, parts.uri.query()).await?;
    // Held until the run is accepted or answered.
    let _room = WEBHOOK_BODIES.take(body.size_hint(), MAX_BODY_BYTES).await?;
    let body = collect(body, &parts.headers, MAX_BODY_BYTES).await?;
    let incoming = Incoming { method, path, headers: &parts.headers, query: parts.uri.query(), body };
    Ok(app.fire_webhook(hook, admitted, incoming).await?)
}

fn answer(fired: Fired) -> Response {
    let status = |code| StatusCode::from_u16(code).unwrap_or(StatusCode::OK);
    match fired {
        Fired::Accepted { id, code } => {
            json_answer(status(code), &json!({"executionId": id, "status": "pending"}))
        }
        Fired::Output { output, code, .. } => json_answer(status(code), &output),
        Fired::Ignored => json_answer(StatusCode::OK, &json!({"status": "ignored"})),
        Fired::Failed { id, status: ended } => {
            // Why it failed is for those who may read the execution; the caller of a webhook may be anybody.
            let (code, said) = match ended {
                ExecutionStatus::Timeout => {
                    (codes::EXECUTION_TIMEOUT, "The execution took longer than it may.")
                }
                _ => (codes::EXECUTION_FAILED, "The execution did not end well. Its owner can read why."),
            };
            ApiError::new(code, said)
                .with_member("executionId", Value::String(id.to_string()))
                .into_response()
        }
    }
}

/// Writes a value once, straight into the body. A status without content gets none.
pub(super) fn json_answer(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if !matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED) {
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        *response.body_mut() = Body::from(bytes);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn takes_options(hook: &Hook) -> bool {
    hook.options().method == Some("OPTIONS")
}

/// Answers a browser that asks whether it may send (<https://fetch.spec.whatwg.org/#cors-preflight-fetch>).
fn preflight(hook: &Hook, asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if allowed(hook, asked.get(header::ORIGIN)).is_none() {
        return response;
    }
    let headers = response.headers_mut();
    let methods = hook.options().method.unwrap_or("GET, POST, PUT, PATCH, DELETE, HEAD");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

fn allow_origin(hook: &Hook, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    if hook.options().allowed_origins.is_empty() {
        return;
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(value) = allowed(hook, origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
    }
}

/// What to answer as the allowed origin; credentials of browsers (cookies) are never allowed.
fn allowed(hook: &Hook, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
    let origin = origin?;
    let listed = &hook.options().allowed_origins;
    if listed.iter().any(|one| one == "*") {
        return Some(HeaderValue::from_static("*"));
    }
    listed.iter().any(|one| one.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}
