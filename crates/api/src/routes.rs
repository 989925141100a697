//! The routes by noun. Handlers only translate: what they take is parsed and permitted elsewhere.

pub mod api_keys;
pub mod audit;
pub mod description;
pub mod health;
pub mod me;
pub mod variables;
pub mod workflow_versions;
pub mod workflows;

use flero_app::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every documented route. What is not here does not exist.
pub(crate) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::get_health))
        .routes(routes!(me::get_me))
        .routes(routes!(api_keys::list_api_keys, api_keys::create_api_key))
        .routes(routes!(api_keys::revoke_api_key))
        .routes(routes!(variables::get_variables, variables::put_variables))
        .routes(routes!(workflows::list_workflows, workflows::create_workflow))
        .routes(routes!(workflows::get_workflow, workflows::update_workflow, workflows::delete_workflow))
        .routes(routes!(workflows::set_workflow_status))
        .routes(routes!(workflow_versions::list_versions))
        .routes(routes!(workflow_versions::get_version))
        .routes(routes!(workflow_versions::roll_back_workflow))
        .routes(routes!(audit::list_audit))
}
