//! Names, values and rules of the product: ids, documents, policy, secrets, time. No input or output.
//!
//! **Invariant:** nothing here reads a clock, a file, the network or the environment.

pub mod api_key;
pub mod audit;
pub mod credential;
pub mod database;
pub mod destination;
pub mod execution;
pub mod id;
pub mod identity;
pub mod json;
pub mod mail;
pub mod notification;
pub mod oauth_app;
pub mod one_time_code;
pub mod organization_policies;
pub mod policy;
pub mod problem;
pub mod role;
pub mod scope_request;
pub mod secret;
pub mod service;
pub mod time;
pub mod workflow;

pub use id::{
    ApiKeyId, CredentialId, DeliveryId, ExecutionId, GroupId, IdentityId, IdentityProviderId, InstanceId,
    InviteId, NodeInstanceId, NotificationId, OauthAppId, OauthAttemptId, OrganizationId, PasskeyId,
    RevocationId, ScopeRequestId, SessionId, SlotId, SubscriptionId, UserId, WebhookEndpointId, WorkflowId,
    WorkspaceId,
};
pub use time::{Clock, Timestamp};

// The checks that are shared with the fuzz targets name this crate from the outside.
#[cfg(test)]
extern crate self as flero_model;
#[cfg(test)]
mod fuzz;
