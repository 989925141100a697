//! The workspace's settings.

use axum::{Json, extract::State};
use flero_app::{App, settings::RetentionSettings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::{Body, Caller, Submitted},
};

/// How long ended executions are kept; whichever limit is reached first counts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetentionBody {
    /// At most this many.
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub max_count: u64,
    /// None that is older, in days.
    #[schema(minimum = 1, maximum = 3_650)]
    pub max_age_days: u32,
}

impl Submitted for RetentionBody {}

impl From<RetentionSettings> for RetentionBody {
    fn from(settings: RetentionSettings) -> Self {
        Self { max_count: settings.max_count, max_age_days: settings.max_age_days }
    }
}

/// Read how long executions are kept.
#[utoipa::path(get, path = "/api/settings/retention", tag = "settings", responses(
    (status = OK, body = RetentionBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_retention(State(app): State<App>, caller: Caller) -> ApiResult<Json<RetentionBody>> {
    Ok(Json(app.get_retention(&caller).await?.into()))
}

/// Set how long executions are kept. What is beyond it is deleted within minutes, and cannot be brought back.
#[utoipa::path(put, path = "/api/settings/retention", tag = "settings", request_body = RetentionBody, responses(
    (status = OK, body = RetentionBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put_retention(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<RetentionBody>,
) -> ApiResult<Json<RetentionBody>> {
    let wanted = RetentionSettings { max_count: body.max_count, max_age_days: body.max_age_days };
    Ok(Json(app.set_retention(&caller, wanted).await?.into()))
}
