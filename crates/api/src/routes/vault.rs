//! The state of the vault.

use axum::{Json, extract::State};
use flero_app::{
    App,
    vault::{ScopeStatus, SlotStatus, Status, VersionStatus},
};
use flero_model::{SlotId, Timestamp, credential::Scope};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{ApiResult, Problem},
    extract::Caller,
};

/// The vault: the ways to its root key, and the keys below. No key is in it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VaultBody {
    /// Why nothing can be opened; null while the vault is open.
    pub sealed: Option<String>,
    /// Counts the changes of the keys.
    pub generation: u64,
    /// The key slots, the oldest first.
    pub slots: Vec<KeySlotBody>,
    /// The keys of organizations and workspaces.
    pub keys: Vec<ScopeKeyBody>,
    /// How many keys of single persons there are. Whose is not told: a Personal credential is its owner's to know.
    pub personal_keys: u64,
    /// How many of those do not open.
    pub personal_keys_closed: u64,
    /// What the operator should see to, each as a sentence.
    pub warnings: Vec<String>,
}

/// One way to the root key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeySlotBody {
    /// Its identifier.
    #[schema(value_type = String)]
    pub id: SlotId,
    /// The kind of key that opens it: `file`, `systemd`, `passphrase`, `env`, `recovery`.
    pub provider: String,
    /// Which key of that kind, for example a fingerprint.
    pub key_id: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last opened; null before.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_verified_at: Option<Timestamp>,
    /// Whether this server has the key that opens it.
    pub opens_here: bool,
}

/// The keys of one organization or workspace.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScopeKeyBody {
    /// `organization` or `workspace`.
    pub scope: &'static str,
    /// Which one.
    pub id: String,
    /// Whether they open with the root key.
    pub opens: bool,
    /// The versions, the oldest first.
    pub versions: Vec<KeyVersionBody>,
}

/// One version of a key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyVersionBody {
    /// Which version, from 1.
    pub version: u32,
    /// `pre`, `active`, `decrypt`, `disabled` or `destroyed`.
    pub state: String,
    /// Since when it is in this state.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// How many stored secrets are sealed under it.
    pub secrets: u64,
}

impl From<SlotStatus> for KeySlotBody {
    fn from(slot: SlotStatus) -> Self {
        Self {
            id: slot.id,
            provider: slot.provider,
            key_id: slot.key_id,
            created_at: slot.created_at,
            last_verified_at: slot.last_verified_at,
            opens_here: slot.opens_here,
        }
    }
}

impl From<VersionStatus> for KeyVersionBody {
    fn from(version: VersionStatus) -> Self {
        Self {
            version: version.version,
            state: version.state,
            since: version.since,
            secrets: version.secrets,
        }
    }
}

impl From<ScopeStatus> for ScopeKeyBody {
    fn from(status: ScopeStatus) -> Self {
        Self {
            scope: if status.scope.kind == Scope::Organization { "organization" } else { "workspace" },
            id: status.scope.id,
            opens: status.opens,
            versions: status.versions.into_iter().map(KeyVersionBody::from).collect(),
        }
    }
}

impl From<Status> for VaultBody {
    fn from(status: Status) -> Self {
        let (personal, shared): (Vec<_>, Vec<_>) =
            status.scopes.into_iter().partition(|scope| scope.scope.kind == Scope::Personal);
        let closed = personal.iter().filter(|scope| !scope.opens).count();
        // A sentence about a person's key names the person.
        let warnings = status
            .warnings
            .into_iter()
            .filter(|warning| !personal.iter().any(|scope| warning.contains(&scope.scope.id)))
            .collect();
        Self {
            sealed: status.sealed,
            generation: status.generation,
            slots: status.slots.into_iter().map(KeySlotBody::from).collect(),
            keys: shared.into_iter().map(ScopeKeyBody::from).collect(),
            personal_keys: personal.len() as u64,
            personal_keys_closed: closed as u64,
            warnings,
        }
    }
}

/// Read the state of the vault: slots and versions of keys, never a key.
#[utoipa::path(get, path = "/api/vault", tag = "vault", responses(
    (status = OK, body = VaultBody), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_vault(State(app): State<App>, caller: Caller) -> ApiResult<Json<VaultBody>> {
    Ok(Json(app.vault_status(&caller).await?.into()))
}
