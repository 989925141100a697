//! The practice service: an API on loopback that demands a bearer token and, like many real ones, echoes what it
//! was sent: in a header, in the body, and encoded.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use data_encoding::{BASE64, HEXLOWER};
use flero_model::secret::SecretString;
use serde_json::json;
use tokio::net::TcpListener;

/// A running practice service. It ends with the program.
pub(crate) struct Practice {
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// Starts it on a free port of loopback.
pub(crate) async fn start(token: Arc<SecretString>) -> std::io::Result<Practice> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/orders/{id}", get(order)).with_state(token);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(kind = ?error.kind(), "the practice service ended");
        }
    });
    Ok(Practice { address })
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
