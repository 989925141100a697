//! The routes by noun. Handlers only translate: what they take is parsed and permitted elsewhere.

pub mod api_keys;
pub mod audit;
pub mod auth;
pub mod auth_factors;
pub mod connector_options;
pub mod connectors;
pub mod credential_acts;
pub mod credential_oauth;
pub mod credential_scope;
pub mod credential_types;
pub mod credentials;
pub mod description;
pub mod executions;
pub mod expressions;
pub mod health;
pub mod identity_providers;
pub mod import_curl;
pub mod invites;
pub mod marketplace;
pub mod me;
pub mod members;
pub mod mfa;
pub mod notification_webhooks;
pub mod notifications;
pub mod oauth_apps;
pub mod oauth_callback;
pub mod openid;
pub mod organization_policies;
pub mod practice;
pub mod proxy;
pub mod scim;
pub mod scope_requests;
pub mod settings;
pub mod variables;
pub mod vault;
pub mod webhook_events;
pub mod webhooks;
pub mod workflow_events;
pub mod workflow_tests;
pub mod workflow_versions;
pub mod workflows;

use axum::routing::any;
use flero_app::App;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Routes whose path goes on freely: the router writes that in another way than the description.
#[derive(OpenApi)]
#[openapi(paths(proxy::proxy, webhooks::webhook, webhook_events::event, description::get_description))]
struct Free;

/// Every documented route. What is not here does not exist.
pub(crate) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Free::openapi())
        .route("/webhook/{*path}", any(webhooks::webhook))
        .route("/webhook/events/{id}", any(webhook_events::event))
        .route("/api/proxy/{credentialId}/{host}", any(proxy::proxy))
        .route("/api/proxy/{credentialId}/{host}/", any(proxy::proxy))
        .route("/api/proxy/{credentialId}/{host}/{*path}", any(proxy::proxy))
        .merge(credentials_and_connectors())
        .merge(sign_in())
        .merge(people())
        .merge(provisioning())
        .merge(notifications())
        .merge(workflows_and_runs())
}

/// Credentials, and what they are for.
fn credentials_and_connectors() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(credentials::list_credentials, credentials::create_credential))
        .routes(routes!(
            credentials::get_credential,
            credentials::update_credential,
            credentials::delete_credential
        ))
        .routes(routes!(credential_types::list_credential_types))
        .routes(routes!(credential_oauth::start_oauth))
        .routes(routes!(credential_oauth::get_oauth_attempt))
        .routes(routes!(credential_oauth::watch_oauth_attempt))
        .routes(routes!(oauth_apps::list_oauth_apps, oauth_apps::create_oauth_app))
        .routes(routes!(
            oauth_apps::get_oauth_app,
            oauth_apps::replace_oauth_app,
            oauth_apps::delete_oauth_app
        ))
        .routes(routes!(oauth_callback::oauth_callback))
        .routes(routes!(oauth_callback::oauth_done))
        .routes(routes!(oauth_callback::oauth_self_test))
        .routes(routes!(credential_acts::test_new_credential))
        .routes(routes!(credential_acts::test_credential))
        .routes(routes!(credential_acts::rotate_credential))
        .routes(routes!(credential_acts::roll_back_credential))
        .routes(routes!(credential_scope::change_credential_scope))
        .routes(routes!(scope_requests::list_scope_requests))
        .routes(routes!(scope_requests::get_scope_request, scope_requests::withdraw_scope_request))
        .routes(routes!(scope_requests::approve_scope_request))
        .routes(routes!(scope_requests::reject_scope_request))
        .routes(routes!(credential_acts::duplicate_credential))
        .routes(routes!(credential_acts::revoke_credential))
        .routes(routes!(credential_acts::get_credential_usage))
        .routes(routes!(credential_acts::list_credential_audit))
        .routes(routes!(connectors::list_connectors))
        .routes(routes!(connectors::import_connector))
        .routes(routes!(connectors::get_connector, connectors::delete_connector))
        .routes(routes!(connectors::get_operation))
        .routes(routes!(connector_options::connector_options))
        .routes(routes!(connector_options::event_options))
        .merge(market())
}

/// The Marketplace.
fn market() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(marketplace::list_registries, marketplace::add_registry))
        .routes(routes!(marketplace::remove_registry))
        .routes(routes!(marketplace::list_packages))
        .routes(routes!(marketplace::get_package))
        .routes(routes!(marketplace::install_package))
        .routes(routes!(marketplace::roll_back_package))
        .routes(routes!(marketplace::remove_package))
}

/// Signing in, sessions and factors.
fn sign_in() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(auth::login))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::register))
        .routes(routes!(auth::sign_up))
        .routes(routes!(auth_factors::sign_in_by_factor))
        .routes(routes!(auth_factors::begin_factor_passkey))
        .routes(routes!(auth_factors::begin_passkey_sign_in))
        .routes(routes!(auth_factors::sign_in_by_passkey))
        .routes(routes!(auth_factors::step_up))
        .routes(routes!(auth_factors::begin_step_up_passkey))
        .routes(routes!(mfa::get_mfa))
        .routes(routes!(mfa::begin_totp, mfa::remove_totp))
        .routes(routes!(mfa::confirm_totp))
        .routes(routes!(mfa::begin_passkey))
        .routes(routes!(mfa::add_passkey))
        .routes(routes!(mfa::rename_passkey, mfa::remove_passkey))
        .routes(routes!(mfa::replace_recovery_codes))
        .routes(routes!(auth::change_password))
        .routes(routes!(auth::list_sessions, auth::end_other_sessions))
        .routes(routes!(auth::end_session))
        .routes(routes!(auth::list_sign_ins))
        .routes(routes!(openid::list_sign_in_providers))
        .routes(routes!(openid::start_openid))
        .routes(routes!(openid::openid_callback))
        .routes(routes!(openid::list_identities, openid::link_identity))
        .routes(routes!(openid::unlink_identity))
}

/// Who there is, and what they may do.
fn people() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me::get_me, me::delete_me))
        .routes(routes!(members::list_members))
        .routes(routes!(members::change_member, members::remove_member))
        .routes(routes!(members::create_workspace))
        .routes(routes!(members::get_workspace, members::rename_workspace, members::delete_workspace))
        .routes(routes!(members::transfer_workspace))
        .routes(routes!(members::archive_workspace))
        .routes(routes!(members::restore_workspace))
        .routes(routes!(members::deactivate_member))
        .routes(routes!(members::reactivate_member))
        .routes(routes!(members::unlock_member))
        .routes(routes!(members::get_organization))
        .routes(routes!(organization_policies::get_policies, organization_policies::put_policies))
        .routes(routes!(
            identity_providers::list_identity_providers,
            identity_providers::create_identity_provider
        ))
        .routes(routes!(
            identity_providers::get_identity_provider,
            identity_providers::update_identity_provider,
            identity_providers::delete_identity_provider
        ))
        .routes(routes!(identity_providers::get_group_roles, identity_providers::put_group_roles))
        .routes(routes!(members::list_organization_members))
        .routes(routes!(members::change_organization_member, members::remove_organization_member))
        .routes(routes!(invites::invite, invites::list_invites))
        .routes(routes!(invites::resend_invite))
        .routes(routes!(invites::revoke_invite))
        .routes(routes!(invites::tell_invite))
        .routes(routes!(invites::accept_invite))
        .routes(routes!(api_keys::list_api_keys, api_keys::create_api_key))
        .routes(routes!(api_keys::revoke_api_key))
}

/// What a directory does.
fn provisioning() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(scim::list_scim_users, scim::create_scim_user))
        .routes(routes!(
            scim::get_scim_user,
            scim::replace_scim_user,
            scim::patch_scim_user,
            scim::delete_scim_user
        ))
        .routes(routes!(scim::list_scim_groups, scim::create_scim_group))
        .routes(routes!(
            scim::get_scim_group,
            scim::replace_scim_group,
            scim::patch_scim_group,
            scim::delete_scim_group
        ))
        .routes(routes!(scim::scim_configuration))
        .routes(routes!(scim::scim_resource_types))
        .routes(routes!(scim::scim_resource_type))
        .routes(routes!(scim::scim_schemas))
        .routes(routes!(scim::scim_schema))
}

/// What people are told.
fn notifications() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(notifications::list_notifications))
        .routes(routes!(notifications::read_notifications))
        .routes(routes!(notifications::watch_notifications))
        .routes(routes!(notifications::get_notification_settings, notifications::put_notification_settings))
        .routes(routes!(notification_webhooks::list_endpoints, notification_webhooks::create_endpoint))
        .routes(routes!(notification_webhooks::delete_endpoint))
        .routes(routes!(notification_webhooks::test_endpoint))
}

/// Workflows, their runs, and what is around them.
fn workflows_and_runs() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(executions::run_workflow))
        .routes(routes!(executions::list_executions))
        .routes(routes!(executions::get_execution))
        .routes(routes!(executions::replay_execution))
        .routes(routes!(executions::cancel_execution))
        .routes(routes!(executions::watch_execution))
        .routes(routes!(executions::watch_executions))
        .routes(routes!(health::get_health))
        .routes(routes!(vault::get_vault))
        .routes(routes!(practice::get_practice))
        .routes(routes!(variables::get_variables, variables::put_variables))
        .routes(routes!(workflows::list_workflows, workflows::create_workflow))
        .routes(routes!(workflows::get_workflow, workflows::update_workflow, workflows::delete_workflow))
        .routes(routes!(import_curl::import_curl))
        .routes(routes!(workflow_tests::check_workflow))
        .routes(routes!(workflow_tests::test_workflow))
        .routes(routes!(expressions::preview_expressions))
        .routes(routes!(workflows::set_workflow_status))
        .routes(routes!(workflow_events::get_workflow_event))
        .routes(routes!(workflow_events::put_event_secret))
        .routes(routes!(workflow_versions::list_versions))
        .routes(routes!(workflow_versions::get_version))
        .routes(routes!(workflow_versions::roll_back_workflow))
        .routes(routes!(audit::list_audit))
        .routes(routes!(audit::export_audit))
        .routes(routes!(settings::get_retention, settings::put_retention))
}
