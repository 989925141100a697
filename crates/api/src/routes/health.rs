//! Whether this process serves.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use flero_app::App;
use serde::Serialize;
use utoipa::ToSchema;

/// The health of this process.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `unavailable`.
    pub status: &'static str,
    /// Why it does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// Whether this process is ready to serve.
#[utoipa::path(get, path = "/api/health", tag = "installation", security(()), responses(
    (status = OK, body = Health), (status = SERVICE_UNAVAILABLE, description = "Not ready; `reason` says why", body = Health)))]
pub async fn get_health(State(app): State<App>) -> Response {
    match app.health().await {
        Ok(()) => Json(Health { status: "ok", reason: None }).into_response(),
        Err(reason) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "unavailable", reason: Some(reason) }))
                .into_response()
        }
    }
}
