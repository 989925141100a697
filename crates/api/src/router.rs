//! The router: every documented route, the description of them, and what holds for all answers.

use axum::{
    Router,
    http::{Method, Uri},
    middleware,
    routing::get,
};
use flero_app::App;
use utoipa::openapi::OpenApi;

use crate::{
    error::{ApiError, codes},
    routes,
    shell::shell,
};

/// The description of the API, generated from the handlers.
#[must_use]
pub fn description() -> OpenApi {
    routes::description::complete(routes::all().into_openapi())
}

/// The whole API over an application. The binary mounts its pages beside it with [`Router::merge`] or a fallback.
pub fn router(app: App) -> Router {
    let (api, description) = routes::all().split_for_parts();
    let document = routes::description::bytes(&routes::description::complete(description));
    api.route("/api/openapi.json", get(move || async move { routes::description::answer(document) }))
        .route("/docs/errors/{code}", get(routes::description::get_error_page))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(no_route)
        .layer(middleware::from_fn(shell))
        .with_state(app)
}

async fn no_route(_: Method, _: Uri) -> ApiError {
    ApiError::new(
        codes::NOT_FOUND,
        "There is nothing at this address. /api/openapi.json lists what there is.",
    )
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(codes::METHOD_NOT_ALLOWED, "This address takes other methods; the Allow header lists them.")
}
