//! Where a service sends the browser back, and the page that says what came of it. Both are outside of `/api`: a person
//! sees them.
//!
//! The callback answers 303 to an address without a code or a `state`, so that neither stays in the history, in a
//! bookmark or in a `Referer`. The page is static text; what a service said stands in it escaped.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flero_app::{
    App,
    credentials::oauth::{AttemptView, Callback, CallbackFault, Landed, session_word},
};
use flero_model::{OauthAttemptId, secret::SecretString};
use flero_store::oauth::AttemptStatus;
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::{cookies::Cookies, extract::Path};

/// Closes the tab; the dialog behind it learns from the server what came of it.
const SCRIPT: &str = "window.close()";
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color:#1f2328;background:#fff}@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}}";

/// Nothing is loaded; the script and the style are named by their SHA-256.
const POLICY: &str = "default-src 'none'; script-src 'sha256-jqxtvDkBbRAl9Hpqv68WdNOieepg8tJSYu1xIy7zT34='; style-src 'sha256-LtouNDCVE+G4wKW9vR3rgN9LLvX9BBvBksqiNU0PigM='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The longest query that is read, in bytes.
const MAX_QUERY_BYTES: usize = 32 << 10;

/// The address that a service sends the browser back to. `name` is the service, or the credential for the generic kind.
#[utoipa::path(get, path = "/oauth/callback/{name}", tag = "oauth", params(("name" = String, Path)), security(()), responses(
    (status = SEE_OTHER, description = "To a page without a code in its address."),
    (status = BAD_REQUEST, description = "A page that says why no attempt belongs to the answer.", content_type = "text/html"),
    (status = MISDIRECTED_REQUEST, description = "A page that leads on to the right address.", content_type = "text/html")))]
pub async fn oauth_callback(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.filter(|query| query.len() <= MAX_QUERY_BYTES).unwrap_or_default();
    let session = match Cookies::of(app.public_url()).session(&headers) {
        Some(token) => app.authenticate_session(&token).await.ok().map(|session| session_word(session.id)),
        None => None,
    };
    let is_right_host = is_right_host(&app, &headers);
    let back = same_at(app.public_url(), &name, &query);
    let callback = Callback { name, query: SecretString::new(query), session, is_right_host };
    match app.take_callback(callback).await {
        Ok(Ok(Landed(id))) => {
            let location = HeaderValue::from_str(&format!("/oauth/done/{id}"));
            let mut answer = StatusCode::SEE_OTHER.into_response();
            answer.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            answer
        }
        Ok(Err(CallbackFault::UnknownState)) => {
            page(StatusCode::BAD_REQUEST, "Not connected", &unknown(&app, &headers), false)
        }
        Ok(Err(CallbackFault::WrongHost)) => wrong_host(&app, &headers, &back),
        Err(error) => {
            tracing::error!(%error, "a callback could not be taken");
            let message = "Flero could not take the answer now. Begin again in a moment.";
            page(StatusCode::SERVICE_UNAVAILABLE, "Not connected", message, false)
        }
    }
}

/// The page after the callback.
#[utoipa::path(get, path = "/oauth/done/{attemptId}", tag = "oauth", params(("attemptId" = String, Path)), security(()), responses(
    (status = OK, description = "A page that says what came of it.", content_type = "text/html"),
    (status = "4XX", description = "A page that says that there is no such attempt.", content_type = "text/html")))]
pub async fn oauth_done(State(app): State<App>, Path(id): Path<String>) -> Response {
    let attempt = match id.parse::<OauthAttemptId>() {
        Ok(id) => app.landing(id).await.ok(),
        Err(_) => None,
    };
    match attempt {
        Some(attempt) => told(&attempt),
        None => page(StatusCode::NOT_FOUND, "Nothing here", "There is no such attempt any more.", false),
    }
}

fn told(attempt: &AttemptView) -> Response {
    match attempt.status {
        AttemptStatus::Connected | AttemptStatus::Saved => {
            const DONE: &str = "You can close this tab and go on in Flero.";
            let missing = attempt.missing_scopes.join(", ");
            if missing.is_empty() {
                return page(StatusCode::OK, "Connected", DONE, true);
            }
            // A page that closes itself is not read.
            let message = format!(
                "{DONE} The service did not grant {missing}: what needs that will fail. Authorize again there and allow it, or save the credential as it is."
            );
            page(StatusCode::OK, "Connected", &message, false)
        }
        AttemptStatus::Pending | AttemptStatus::Exchanging => page(
            StatusCode::OK,
            "Almost there",
            "The service is still answering. You can close this tab; Flero shows how it ends.",
            false,
        ),
        AttemptStatus::Failed => {
            let message = attempt.message.as_deref().unwrap_or("It was not connected; begin again.");
            page(StatusCode::OK, "Not connected", message, false)
        }
    }
}

/// Why an answer belongs to no attempt. One that came in under another name than the configured one is the usual
/// reason behind a proxy.
fn unknown(app: &App, headers: &HeaderMap) -> String {
    const USUAL: &str = "This answer belongs to no attempt that is open: it was used already, its ten minutes are over, or it did not begin here. Go back to Flero and begin again.";
    if is_right_host(app, headers) {
        return USUAL.to_owned();
    }
    let (host, public) = (host(headers), app.public_url());
    format!(
        "{USUAL} It came in at {host}, but this installation is set up as {public}: open Flero there, or set FLERO_PUBLIC_URL to the address that people use, and register its callback at the service."
    )
}

/// The host by which a request came in, as the proxy in front passed it on.
fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn is_right_host(app: &App, headers: &HeaderMap) -> bool {
    let public = app.public_url();
    let expected = public.split_once("://").map_or(public, |(_, rest)| rest);
    host(headers).eq_ignore_ascii_case(expected.split('/').next().unwrap_or_default())
}

/// The same answer at the installation's own address.
fn same_at(public: &str, name: &str, query: &str) -> SecretString {
    let Ok(mut url) = Url::parse(public) else { return SecretString::from(public) };
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["oauth", "callback", name]);
    }
    url.set_query(Some(query));
    SecretString::new(url.into())
}

/// The answer is good, but at this host the browser does not show who began: it goes on at the right one. Nothing was
/// used yet. The link is not followed by itself, because a proxy that changes the host would make it go round.
fn wrong_host(app: &App, headers: &HeaderMap, back: &SecretString) -> Response {
    let public = app.public_url();
    let message = format!(
        "The service sent you to {}, but this installation is set up as {public}, and you are signed in there. Nothing is lost: go on at the right address. So that this does not happen again, register the callback of {public} at the service, or set FLERO_PUBLIC_URL to the address that people use.",
        host(headers)
    );
    let link = format!("<p><a href=\"{}\">Go on at {}</a></p>", escaped(back.expose()), escaped(public));
    page_with(StatusCode::MISDIRECTED_REQUEST, "Wrong address", &message, &link)
}

/// What an address leads to, for `flero doctor`: who answers there, and by which host the request came in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SelfTest {
    /// What this installation calls itself (`FLERO_PUBLIC_URL`).
    pub public_url: String,
    /// The host of this request.
    pub host: String,
}

/// Tell by which address this installation is reached.
#[utoipa::path(get, path = "/oauth/self-test", tag = "oauth", security(()), responses((status = OK, body = SelfTest)))]
pub async fn oauth_self_test(State(app): State<App>, headers: HeaderMap) -> Json<SelfTest> {
    Json(SelfTest { public_url: app.public_url().to_owned(), host: host(&headers).to_owned() })
}

fn page(status: StatusCode, title: &str, message: &str, closes: bool) -> Response {
    page_with(
        status,
        title,
        message,
        &if closes { format!("<script>{SCRIPT}</script>") } else { String::new() },
    )
}

/// A page that ends in this HTML.
fn page_with(status: StatusCode, title: &str, message: &str, end: &str) -> Response {
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1><p>{}</p>{end}</body></html>",
        escaped(message)
    );
    let mut answer = (status, body).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Text as it may stand in HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}
