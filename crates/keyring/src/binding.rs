//! What a sealed secret is bound to, in the terms of the product.

use flero_model::{
    credential::{Credential, KeyScopeRef},
    identity::IdentityProvider,
    oauth_app::OauthApp,
};
use flero_store::{
    events::{SECRET_FIELD, Subscription},
    identity::CLIENT_SECRET_FIELD,
    keys::SealedSecret,
    notifications::{ENDPOINT_FIELD, WebhookEndpoint},
    oauth::TOKENS_FIELD,
    oauth_apps::APP_FIELD,
};
use flero_vault::{Context, PolicyHash, ScopeRef};

use crate::Result;

/// The type that is bound into the secrets of an OAuth app.
const APP_SECRET: &str = "oauthApp";
/// The type that is bound into the secret of a subscription.
const EVENT_SECRET: &str = "eventSecret";
/// The type that is bound into the client secret of an OpenID provider.
const PROVIDER_SECRET: &str = "identityProvider";
/// The type that is bound into the secret of a webhook endpoint.
const ENDPOINT_SECRET: &str = "webhookSecret";

/// Everything that a sealed secret is bound to besides the installation. It opens with an equal binding only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The keyset.
    pub scope: KeyScopeRef,
    /// The id of the owner, for example `cred_...`.
    pub owner: String,
    /// The owner's type, for example `bearer`.
    pub bound_type: String,
    /// Which secret of the owner, for example `data`.
    pub field: String,
    /// Counts the writes of this secret.
    pub revision: u64,
    /// The policy that is in force.
    pub policy: PolicyHash,
}

impl Binding {
    /// The binding of a credential's secret as the credential's row has it now: its scope, its policy and its
    /// secret revision. A row that was changed outside Flero gives a binding that opens nothing.
    pub fn of_credential(credential: &Credential, field: &str) -> Self {
        Self {
            scope: credential.key_scope(),
            owner: credential.id.to_string(),
            bound_type: credential.policy.auth_type.as_str().to_owned(),
            field: field.to_owned(),
            revision: credential.secret_revision,
            policy: PolicyHash::of(&credential.policy.canonical_bytes()),
        }
    }

    /// The binding of a credential's token set, which counts its writes by itself: it is written at each refresh.
    pub fn of_tokens(credential: &Credential, revision: u64) -> Self {
        Self { revision, ..Self::of_credential(credential, TOKENS_FIELD) }
    }

    /// The binding of a secret that is kept for a credential under another owner: for an attempt to connect an
    /// account, or for a grant that is to be revoked after its credential is gone.
    pub fn of_record(owner: &str, credential: &Credential, field: &str) -> Self {
        Self { owner: owner.to_owned(), revision: 1, ..Self::of_credential(credential, field) }
    }

    /// The binding of an OAuth app's secrets as the app's row has it now: whom it is shared with, its service, its
    /// client and the hosts that it is for.
    pub fn of_app(app: &OauthApp) -> Self {
        Self {
            scope: app.key_scope(),
            owner: app.id.to_string(),
            bound_type: APP_SECRET.to_owned(),
            field: APP_FIELD.to_owned(),
            revision: app.secret_revision,
            policy: PolicyHash::of(&app.policy.canonical_bytes()),
        }
    }

    /// The binding of the client secret of an OpenID provider. It holds issuer and client: after those were changed
    /// outside Flero, the secret is sent nowhere.
    pub fn of_identity_provider(provider: &IdentityProvider) -> Self {
        Self {
            scope: provider.key_scope(),
            owner: provider.id.to_string(),
            bound_type: PROVIDER_SECRET.to_owned(),
            field: CLIENT_SECRET_FIELD.to_owned(),
            revision: provider.secret_revision,
            policy: PolicyHash::of(&provider.canonical_bytes()),
        }
    }

    /// The binding of the secret that the deliveries of an event are verified by. It holds what is waited for: put
    /// beside another subscription, or after that was changed outside Flero, the secret does not open.
    pub fn of_subscription(subscription: &Subscription, revision: u64) -> Self {
        let about = serde_json::json!([
            "event",
            subscription.workspace,
            subscription.workflow,
            subscription.connector,
            subscription.event,
        ]);
        Self {
            scope: KeyScopeRef::workspace(subscription.workspace),
            owner: subscription.id.to_string(),
            bound_type: EVENT_SECRET.to_owned(),
            field: SECRET_FIELD.to_owned(),
            revision,
            policy: PolicyHash::of(about.to_string().as_bytes()),
        }
    }

    /// The binding of the secret that calls of an endpoint are signed with. It holds the URL: after that was changed
    /// outside Flero, nothing is signed for it.
    pub fn of_endpoint(endpoint: &WebhookEndpoint) -> Self {
        let about = serde_json::json!(["webhook", endpoint.workspace, endpoint.url]);
        Self {
            scope: KeyScopeRef::workspace(endpoint.workspace),
            owner: endpoint.id.to_string(),
            bound_type: ENDPOINT_SECRET.to_owned(),
            field: ENDPOINT_FIELD.to_owned(),
            revision: 1,
            policy: PolicyHash::of(about.to_string().as_bytes()),
        }
    }

    /// The binding that stands beside a sealed secret, for work that changes nothing but the key.
    pub(crate) fn of_stored(sealed: &SealedSecret) -> Result<Self> {
        Ok(Self {
            scope: sealed.scope.clone(),
            owner: sealed.address.owner.clone(),
            bound_type: sealed.bound_type.clone(),
            field: sealed.address.field.clone(),
            revision: sealed.revision,
            policy: PolicyHash::from_stored(&sealed.policy_hash)?,
        })
    }

    pub(crate) fn context<'a>(&'a self, instance: &'a str) -> Context<'a> {
        Context {
            scope: ScopeRef::of(instance, &self.scope),
            credential: &self.owner,
            credential_type: &self.bound_type,
            field: &self.field,
            revision: self.revision,
            policy: self.policy,
        }
    }
}
