//! The cases, a file for each aggregate.

pub(super) mod api_keys;
pub(super) mod audit;
pub(super) mod connectors;
pub(super) mod credential_lists;
pub(super) mod credentials;
pub(super) mod events;
pub(super) mod execution_lists;
pub(super) mod executions;
pub(super) mod identity;
pub(super) mod marketplace;
pub(super) mod mfa;
pub(super) mod notifications;
pub(super) mod oauth;
pub(super) mod oauth_apps;
pub(super) mod people;
pub(super) mod rewrap;
pub(super) mod schedules;
pub(super) mod scim;
pub(super) mod scope_keys;
pub(super) mod scope_requests;
pub(super) mod sessions;
pub(super) mod slots;
pub(super) mod variables;
pub(super) mod workflows;
