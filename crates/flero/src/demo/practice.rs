//! The practice service on loopback: an OAuth 2 provider that allows everything at once, and an API that demands its
//! token and, like many real ones, echoes what it was sent: in a header, in the body, and encoded.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use data_encoding::{BASE64, HEXLOWER};
use flero_model::secret::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

/// A running practice service. It ends with the program.
pub(crate) struct Practice {
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// The token of a practice service that a server offers. It opens nothing else, so that everybody may know it.
pub(crate) const OFFERED_TOKEN: &str = "practice-token-that-opens-nothing-else";

/// Starts it on a free port of loopback.
pub(crate) async fn start(token: Arc<SecretString>) -> std::io::Result<Practice> {
    start_at(SocketAddr::from(([127, 0, 0, 1], 0)), token).await
}

/// Starts it at an address.
pub(crate) async fn start_at(address: SocketAddr, token: Arc<SecretString>) -> std::io::Result<Practice> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/authorize", get(authorize))
        .route("/token", post(give_token))
        .route("/orders/{id}", get(order))
        .with_state(token);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(kind = ?error.kind(), "the practice service ended");
        }
    });
    Ok(Practice { address })
}

/// The client that the provider knows.
pub(crate) const CLIENT_ID: &str = "flero-demo";
/// The code that it gives; what makes it worthless to others is the verifier (RFC 7636).
const CODE: &str = "practice-code";

/// An authorization request (RFC 6749 section 4.1.1).
#[derive(Deserialize)]
struct Asked {
    redirect_uri: String,
    state: String,
    code_challenge: String,
}

/// Where a person would allow the access; here nobody is asked.
async fn authorize(Query(asked): Query<Asked>) -> Response {
    let Ok(mut back) = asked.redirect_uri.parse::<url::Url>() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let code = format!("{CODE}-{}", asked.code_challenge);
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &asked.state);
    Redirect::to(back.as_str()).into_response()
}

/// Exchanges the code (RFC 6749 section 4.1.3). The verifier's presence is enough for a practice.
async fn give_token(State(token): State<Arc<SecretString>>, body: String) -> Response {
    let form: std::collections::HashMap<_, _> =
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let text = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let is_good = text("grant_type") == "authorization_code"
        && text("code").starts_with(CODE)
        && text("client_id") == CLIENT_ID
        && text("code_verifier").len() >= 43;
    if !is_good {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    }
    Json(json!({"access_token": token.expose(), "token_type": "Bearer", "expires_in": 3600, "scope": "orders"}))
        .into_response()
}

async fn order(State(token): State<Arc<SecretString>>, Path(id): Path<u32>, headers: HeaderMap) -> Response {
    let presented =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if presented != format!("Bearer {}", token.expose()) {
        let body = json!({"error": "This service wants a bearer token."});
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    let body = json!({
        "id": id,
        "title": format!("Order {id}"),
        "youSent": {"authorization": presented},
        "encoded": {"base64": BASE64.encode(token.expose().as_bytes()), "hex": HEXLOWER.encode(token.expose().as_bytes())},
    });
    ([("x-echo", presented.to_owned())], Json(body)).into_response()
}
