//! Editing a credential.
//!
//! A stored secret stays only while the policy, which says where it may go and how, stays the same or becomes
//! narrower. Any other change asks for the secret again: whoever can edit must not be able to send somebody else's
//! secret to a host of their own (Security test 20).

use flero_model::{
    CredentialId, Timestamp,
    audit::{AuditAction, AuditDetail},
    credential::{AuthType, Credential, Policy, Scope, Status},
    policy::Principal,
};
use flero_store::credentials::CredentialChange;
use serde_json::{Map, Value};

use super::{
    SecretFields,
    fields::{Faults, check_labels, check_secret, read_policy, secret_field},
};
use crate::{App, Error, Result};

/// What is to change; what is `None` stays.
#[derive(Debug, Default)]
pub struct CredentialPatch {
    /// The display name.
    pub name: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// How it authenticates.
    pub auth_type: Option<AuthType>,
    /// Only the present scope is taken: changing it is an act of its own.
    pub scope: Option<Scope>,
    /// The parameters, all of them.
    pub parameters: Option<Map<String, Value>>,
    /// New secrets; a field left out keeps its value where that is allowed.
    pub data: SecretFields,
    /// The destinations, all of them.
    pub allowed_hosts: Option<Vec<String>>,
    /// Free text for people.
    pub notes: Option<String>,
    /// When it stops being usable; `Some(None)` for never.
    pub expires_at: Option<Option<Timestamp>>,
    /// After how many days a rotation is due; `Some(None)` for never.
    pub rotate_every_days: Option<Option<u32>>,
}

impl App {
    /// Edits a credential.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Invalid`], also when the policy becomes wider without
    /// the secret being given again; [`Error::Changed`]; [`Error::CredentialRevoked`].
    pub async fn update_credential(
        &self,
        who: &Principal,
        id: CredentialId,
        patch: CredentialPatch,
        expected: Option<u64>,
    ) -> Result<Credential> {
        let current = self.living_credential(who, id).await?;
        if expected.is_some_and(|expected| expected != current.revision) {
            return Err(Error::Changed);
        }
        let edited = self.check_patch(&current, &patch)?;
        let detail = AuditDetail {
            fields: changed_fields(&current, &edited, &patch.data),
            name: Some(edited.name.clone()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialEdited, id, detail);
        let mut change = CredentialChange {
            credential: edited,
            secrets: Vec::new(),
            destroy: Vec::new(),
            audit: vec![record],
        };
        if !patch.data.0.is_empty() {
            let credential = &mut change.credential;
            credential.secret_revision += 1;
            credential.secret_changed_at = self.now();
            credential.status = Status::Active;
            credential.secret_fields = vec![secret_field(credential.policy.auth_type).to_owned()];
            change.secrets.push(self.seal(&change.credential, &patch.data.document()).await?);
        } else if change.credential.policy.canonical_bytes() != current.policy.canonical_bytes() {
            change.credential.secret_revision += 1;
            let stored = self.store().get_credential_with_secret(id).await?;
            let Some(sealed) = stored.secret.filter(|_| stored.credential.revision == current.revision)
            else {
                return Err(Error::Changed);
            };
            let to = &change.credential;
            let resealed = self.0.keyring.reseal(&sealed, &current, to, to.secret_revision, None).await?;
            change.secrets.push(resealed);
        }
        self.store_change(change).await
    }

    /// The credential as it is to be, if every field is right and the stored secret may stay.
    fn check_patch(&self, current: &Credential, patch: &CredentialPatch) -> Result<Credential> {
        let mut faults = Faults::default();
        let mut edited = current.clone();
        edited.name =
            patch.name.as_deref().map_or_else(|| current.name.clone(), |name| name.trim().to_owned());
        edited.notes = patch.notes.clone().unwrap_or_else(|| current.notes.clone());
        edited.expires_at = patch.expires_at.unwrap_or(current.expires_at);
        edited.rotate_every_days = patch.rotate_every_days.unwrap_or(current.rotate_every_days);
        edited.updated_at = self.now();
        // An expiry that is only sent back is not asked to lie in the future.
        let new_expiry = edited.expires_at.filter(|end| Some(*end) != current.expires_at);
        check_labels(
            &edited.name,
            &edited.notes,
            new_expiry,
            edited.rotate_every_days,
            self.now(),
            &mut faults,
        );
        if patch.scope.is_some_and(|scope| scope != current.scope) {
            faults.add(
                "/scope",
                "credential.scope_change",
                "The scope is not changed here; duplicate into a narrower one, or make a new credential.",
            );
        }
        let policy = self.patched_policy(current, patch, &mut faults);
        if let Some(policy) = policy {
            if !patch.data.0.is_empty() {
                check_secret(policy.auth_type, &patch.data, &mut faults);
            } else if !policy.is_same_or_narrower_than(&current.policy) {
                let field = secret_field(policy.auth_type);
                let message =
                    "This change lets the secret go to further places or in another way, so enter it again.";
                faults.add(format!("/data/{field}"), "credential.secret_required", message);
            }
            edited.policy = policy;
        }
        if faults.0.is_empty() { Ok(edited) } else { Err(Error::Invalid(faults.0)) }
    }

    fn patched_policy(
        &self,
        current: &Credential,
        patch: &CredentialPatch,
        faults: &mut Faults,
    ) -> Option<Policy> {
        let hosts = patch
            .allowed_hosts
            .clone()
            .unwrap_or_else(|| current.policy.allowed_hosts.iter().map(ToString::to_string).collect());
        read_policy(
            patch.service.as_deref().unwrap_or(&current.policy.service),
            patch.auth_type.unwrap_or(current.policy.auth_type),
            patch.parameters.clone().unwrap_or_else(|| current.policy.parameters.clone()),
            &hosts,
            faults,
        )
    }
}

fn changed_fields(before: &Credential, after: &Credential, data: &SecretFields) -> Vec<String> {
    let changed = [
        ("name", before.name != after.name),
        ("notes", before.notes != after.notes),
        ("expiresAt", before.expires_at != after.expires_at),
        ("rotateEveryDays", before.rotate_every_days != after.rotate_every_days),
        ("service", before.policy.service != after.policy.service),
        ("authType", before.policy.auth_type != after.policy.auth_type),
        ("allowedHosts", before.policy.allowed_hosts != after.policy.allowed_hosts),
        ("parameters", before.policy.parameters != after.policy.parameters),
        ("data", !data.0.is_empty()),
    ];
    changed.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name.to_owned()).collect()
}
