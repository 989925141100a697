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
    service::Service,
};
use flero_store::{
    credentials::CredentialChange,
    keys::{SealedSecret, SecretSlot},
};
use serde_json::{Map, Value};

use super::{
    SecretFields,
    change::NO_SUCH_SERVICE,
    change::{SecretSource, data_address},
    fields::{self, Faults, Needed, check_labels, check_secret, read_policy},
    oauth::without_client,
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
        mut patch: CredentialPatch,
        expected: Option<u64>,
    ) -> Result<Credential> {
        let current = self.living_credential(who, id).await?;
        patch.data.flatten_key_file(patch.auth_type.unwrap_or(current.policy.auth_type));
        if expected.is_some_and(|expected| expected != current.revision) {
            return Err(Error::Changed);
        }
        let service = patch.service.as_deref().unwrap_or(&current.policy.service);
        if service != current.policy.service && !self.policies_of(who).await?.allows_connector(service) {
            return Err(Error::field("/service", "policy.connector", NO_SUCH_SERVICE));
        }
        let described = self.described(who, service).await?;
        if let Some(parameters) = &mut patch.parameters {
            let auth_type = patch.auth_type.unwrap_or(current.policy.auth_type);
            self.choose_app(who, current.scope, described.as_ref(), auth_type, parameters).await?;
        }
        let parameters = patch.parameters.as_ref().unwrap_or(&current.policy.parameters);
        let described = without_client(described, parameters);
        let mut edited = self.check_patch(&current, &patch, described.as_ref())?;
        if edited.policy.canonical_bytes() != current.policy.canonical_bytes() {
            self.discover(who, &mut edited.policy).await?;
        }
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
        let to = &mut change.credential;
        let may_keep = to.policy.is_same_or_narrower_than(&current.policy);
        if !patch.data.0.is_empty() || !may_keep {
            to.secret_changed_at = self.now();
            to.status = Status::Active;
            to.account = fields::account_of(to.policy.auth_type, &patch.data).or_else(|| to.account.take());
            to.secret_fields = fields_after(if may_keep { &current.secret_fields } else { &[] }, &patch.data);
        }
        if !patch.data.0.is_empty() || to.policy.canonical_bytes() != current.policy.canonical_bytes() {
            to.secret_revision += 1;
            // Another secret, or another place for it: the one before a rotation belongs to neither.
            to.former = None;
            change.destroy.push(data_address(id, SecretSlot::Previous));
            let (revision, fields) = (to.secret_revision, to.secret_fields.clone());
            for record in &mut change.audit {
                record.detail.secret_revision = Some(revision);
            }
            // Where nothing of the stored secret stays, it is not opened.
            if !may_keep || fields == patch.data.names() {
                let document = patch.data.document();
                return self.store_sealed(&current, change, SecretSource::New(&document)).await;
            }
            let (sealed, changes) = (self.stored_secret(&current).await?, patch.data.changes());
            let has_changes = !patch.data.0.is_empty();
            let stored = SecretSource::Stored { sealed: &sealed, changes: &changes, has_changes };
            return self.store_sealed(&current, change, stored).await;
        }
        self.store_change(change).await
    }

    /// The sealed secret of a credential, unless the credential was changed meanwhile.
    pub(super) async fn stored_secret(&self, current: &Credential) -> Result<SealedSecret> {
        let stored = self.store().get_credential_with_secret(current.id).await?;
        stored.secret.filter(|_| stored.credential.revision == current.revision).ok_or(Error::Changed)
    }

    /// The credential as it is to be, if every field is right and the stored secret may stay.
    fn check_patch(
        &self,
        current: &Credential,
        patch: &CredentialPatch,
        described: Option<&Service>,
    ) -> Result<Credential> {
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
                "The scope is an act of its own: POST /api/credentials/{id}/scope.",
            );
        }
        let policy = patched_policy(current, patch, described, &mut faults);
        if let Some(policy) = policy {
            let needed = if policy.is_same_or_narrower_than(&current.policy) {
                Needed::Changes
            } else {
                Needed::Again(&current.secret_fields)
            };
            check_secret(&policy, described, &patch.data, needed, &mut faults);
            edited.policy = policy;
        }
        if faults.0.is_empty() { Ok(edited) } else { Err(Error::Invalid(faults.0)) }
    }
}

fn patched_policy(
    current: &Credential,
    patch: &CredentialPatch,
    described: Option<&Service>,
    faults: &mut Faults,
) -> Option<Policy> {
    let stored = &current.policy;
    let service = patch.service.as_deref().unwrap_or(&stored.service);
    let is_same = patch.service.is_none() && patch.auth_type.is_none() && patch.parameters.is_none();
    let hosts = match &patch.allowed_hosts {
        Some(hosts) => hosts.clone(),
        // What a credential was made by counts, not what the description says by now, or whether it is still there.
        None if is_same => return Some(stored.clone()),
        // The hosts of a described service follow from its parameters.
        None if described.is_some() => Vec::new(),
        None => stored.allowed_hosts.iter().map(ToString::to_string).collect(),
    };
    let auth_type = patch.auth_type.unwrap_or(stored.auth_type);
    let mut parameters = patch.parameters.clone().unwrap_or_else(|| stored.parameters.clone());
    fields::complete(auth_type, &mut parameters, &patch.data, Some(stored));
    read_policy(service, described, auth_type, parameters, &hosts, faults)
}

/// The names of the secrets that are set afterwards.
fn fields_after(stored: &[String], data: &SecretFields) -> Vec<String> {
    let mut names = data.names();
    names.extend(stored.iter().filter(|name| !data.0.contains_key(*name)).cloned());
    names.sort_unstable();
    names
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
