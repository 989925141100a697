//! The practice service.

use axum::{Json, extract::State};
use flero_app::{App, practice::Practice};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::Caller,
};

/// A service to practise with.
#[derive(Debug, Serialize, ToSchema)]
pub struct PracticeBody {
    /// Where it is. `GET {url}/orders/{number}` answers an order.
    pub url: String,
    /// The bearer token that it wants. It opens nothing else, so that everybody may know it.
    pub token: &'static str,
}

impl From<Practice> for PracticeBody {
    fn from(practice: Practice) -> Self {
        Self { url: practice.url, token: practice.token }
    }
}

/// Read where the practice service is; 404 where none is offered.
#[utoipa::path(get, path = "/api/practice", tag = "installation", responses(
    (status = OK, body = PracticeBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_practice(State(app): State<App>, caller: Caller) -> ApiResult<Json<PracticeBody>> {
    Ok(Json(app.practice(&caller)?.into()))
}
