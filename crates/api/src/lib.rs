//! HTTP: extractors, bodies, description, errors, webhooks, proxy.
//!
//! **Invariant:** only this crate knows HTTP status codes of Flero's own answers. **Invariant:** handlers only
//! translate; who may do what is decided by the use cases in `flero-app`. **Invariant:** every route of the
//! description takes [`extract::Caller`] unless the description says that it is open.

mod cookies;
pub mod error;
pub mod extract;
mod forwarded;
pub mod list;
mod respond;
mod router;
pub mod routes;
pub mod schema;
mod serve;
mod shell;
mod watch;

/// The answer for an address that does not exist, as the API gives it.
#[must_use]
pub fn not_found() -> axum::response::Response {
    use axum::response::IntoResponse;
    error::ApiError::new(
        error::codes::NOT_FOUND,
        "There is nothing at this address. /api/openapi.json lists what there is.",
    )
    .into_response()
}

pub use router::{description, router};
pub use serve::{Limits, serve};
