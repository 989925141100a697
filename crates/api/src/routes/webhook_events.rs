//! `/webhook/events/{id}`: where services deliver the events that workflows wait for.

use axum::{
    body::HttpBody,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use flero_app::{
    App, Error,
    webhooks::{EventAnswer, EventRequest},
};
use flero_model::SubscriptionId;
use serde_json::json;

use super::webhooks::{MAX_BODY_BYTES, WEBHOOK_BODIES, json_answer, webhook};
use crate::{
    error::{ApiError, Problem},
    extract::{Path, collect},
};

/// Deliver an event: starts a run of the workflow that waits for it, once the signature is verified. A delivery that came
/// before is answered with 200 and starts nothing.
#[utoipa::path(method(post, get, head), path = "/webhook/events/{id}", tag = "webhooks", security(()),
    params(("id" = String, Path)), responses(
    (status = "default", description = "Taken"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn event(State(app): State<App>, Path(id): Path<String>, request: Request) -> Response {
    match id.parse::<SubscriptionId>() {
        Ok(id) => take(&app, id, request).await.unwrap_or_else(IntoResponse::into_response),
        // A WebhookTrigger may listen at such a path.
        Err(_) => webhook(State(app), Path(format!("events/{id}")), request).await,
    }
}

async fn take(app: &App, id: SubscriptionId, request: Request) -> Result<Response, ApiError> {
    let hook = app.find_event_hook(id).await?;
    let (parts, body) = request.into_parts();
    if let Some(answer) = app.event_echo(&hook, &parts.headers, parts.uri.query()) {
        return Ok(answered(answer));
    }
    // Some services look whether the URL is there before they register it.
    if parts.method == Method::HEAD {
        return Ok(StatusCode::OK.into_response());
    }
    if parts.method != Method::POST {
        return Err(Error::WebhookMethod { allowed: "POST".to_owned() }.into());
    }
    // Held until the run is accepted.
    let _room = WEBHOOK_BODIES.take(body.size_hint(), MAX_BODY_BYTES).await?;
    let body = collect(body, &parts.headers, MAX_BODY_BYTES).await?;
    let (method, query) = (parts.method.as_str(), parts.uri.query());
    let request = EventRequest { method, query, headers: &parts.headers, body };
    Ok(answered(app.take_delivery(&hook, request).await?))
}

fn answered(answer: EventAnswer) -> Response {
    let status = |word: &str| json_answer(StatusCode::OK, &json!({"status": word}));
    match answer {
        EventAnswer::Accepted(ids) => json_answer(
            StatusCode::OK,
            &json!({"status": "accepted", "executionId": ids.first(), "executionIds": ids}),
        ),
        EventAnswer::Repeated => status("repeated"),
        EventAnswer::Ignored => status("ignored"),
        EventAnswer::Told => status("told"),
        EventAnswer::Challenge(text) => plain(text),
        EventAnswer::Answer(value) => json_answer(StatusCode::OK, &value),
        EventAnswer::Echo(name, value) => match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => (StatusCode::OK, [(name, value)]).into_response(),
            _ => StatusCode::BAD_REQUEST.into_response(),
        },
    }
}

/// Text that nobody takes for a page, whatever it says.
fn plain(text: String) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
