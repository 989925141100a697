//! Rotation: the new secret is tested first, and takes over in one step. Workflows do not change.

use flero_connect::CREDENTIAL_FIELD;
use flero_keyring::Binding;
use flero_model::{
    CredentialId, Timestamp,
    audit::{AuditAction, AuditDetail},
    credential::{Credential, Policy, Status, lifecycle::Former},
    policy::Principal,
    service::Service,
};
use flero_store::{
    credentials::CredentialChange,
    keys::{SealedSecret, SecretSlot},
};
use serde_json::{Map, Value};

use super::{
    SecretFields, Verdict,
    change::{SecretSource, data_address},
    fields::{self, Faults, Needed, check_secret, read_policy},
    oauth::without_client,
};
use crate::{App, Error, Result};

/// How long the former secret can be put back unless told otherwise, in hours.
pub const DEFAULT_GRACE_HOURS: u32 = 24;
/// The longest that a former secret is kept, in hours: thirty days.
pub const MAX_GRACE_HOURS: u32 = 720;
const HOUR_MS: i64 = 3_600_000;

/// What takes over from the present secret.
#[derive(Debug)]
pub struct Rotation {
    /// The secrets, all of them.
    pub data: SecretFields,
    /// The parameters, all of them, where they belong to the secret: an access key ID, a certificate.
    pub parameters: Option<Map<String, Value>>,
    /// Whether it takes over even if the service refuses it.
    pub force: bool,
    /// For how many hours the former secret can be put back; 0 destroys it at once.
    pub grace_hours: u32,
    /// When the credential stops being usable; `Some(None)` for never. Left out, an end that has passed is dropped,
    /// because it was the former secret's, and another one stays.
    pub expires_at: Option<Option<Timestamp>>,
}

impl App {
    /// Replaces the secret, whole. Runs in flight finish with what they hold; the next use gets the new one. The
    /// former one stays sealed beside it for the grace period, and is never used.
    ///
    /// # Errors
    /// [`Error::SecretRefused`] when the service refuses the new secret and `force` is off: nothing is changed;
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::CredentialRevoked`]; [`Error::Changed`].
    pub async fn rotate_credential(
        &self,
        who: &Principal,
        id: CredentialId,
        rotation: Rotation,
    ) -> Result<Credential> {
        let Rotation { mut data, parameters, force, grace_hours, expires_at } = rotation;
        let mut current = self.living_credential(who, id).await?;
        check_times(grace_hours, expires_at, self.now())?;
        let before = current.clone();
        data.flatten_key_file(current.policy.auth_type);
        let has_new_parameters = parameters.as_ref().is_some_and(|new| *new != current.policy.parameters);
        let described = self.described(who, &current.policy.service).await?;
        let described = without_client(described, parameters.as_ref().unwrap_or(&current.policy.parameters));
        current.policy = rotated_policy(&current.policy, described.as_ref(), parameters, &data)?;
        let mut outcome = "forced";
        if !force {
            let result = self.test_unsaved(who, &current.policy, &data).await;
            outcome = result.verdict.as_str();
            if result.verdict == Verdict::Refused {
                return Err(Error::SecretRefused { message: result.message });
            }
        }
        let now = self.now();
        let mut rotated = current;
        rotated.secret_revision += 1;
        rotated.secret_changed_at = now;
        rotated.updated_at = now;
        rotated.status = Status::Active;
        rotated.secret_fields = data.names();
        rotated.account = fields::account_of(rotated.policy.auth_type, &data).or(rotated.account);
        rotated.expires_at = expires_at.unwrap_or(rotated.expires_at.filter(|end| *end > now));
        let until = now.plus_millis(i64::from(grace_hours) * HOUR_MS);
        let (mut kept, mut destroy) = (Vec::new(), Vec::new());
        if grace_hours > 0 {
            rotated.former = Some(former(&before, until));
            kept.push(self.former_secret(&before, until).await?);
        } else {
            rotated.former = None;
            destroy.push(data_address(id, SecretSlot::Previous));
        }
        let detail = AuditDetail {
            secret_revision: Some(rotated.secret_revision),
            outcome: Some(outcome.to_owned()),
            fields: has_new_parameters.then(|| "parameters".to_owned()).into_iter().collect(),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialRotated, id, detail);
        let change = CredentialChange { credential: rotated, secrets: kept, destroy, audit: vec![record] };
        let document = data.document();
        self.store_sealed(&before, change, SecretSource::New(&document)).await
    }

    /// The present secret of a credential as the row of its former one. It is not opened: the same blob stands under
    /// the same revision and policy at another place.
    async fn former_secret(&self, before: &Credential, until: Timestamp) -> Result<SealedSecret> {
        let mut sealed = self.stored_secret(before).await?;
        sealed.address.slot = SecretSlot::Previous;
        sealed.destroy_at = Some(until);
        Ok(sealed)
    }

    /// Puts the former secret back, with the parameters that belong to it. The one that replaced it is destroyed. It
    /// is not tested first: that it works is what the test afterwards, or the next use, tells.
    ///
    /// # Errors
    /// [`Error::NoFormerSecret`] when there is none, or its grace period has passed; [`Error::NotFound`];
    /// [`Error::Forbidden`]; [`Error::CredentialRevoked`]; [`Error::Changed`].
    pub async fn roll_back_credential(&self, who: &Principal, id: CredentialId) -> Result<Credential> {
        let current = self.living_credential(who, id).await?;
        let now = self.now();
        let former = current.former_at(now).cloned().ok_or(Error::NoFormerSecret)?;
        let sealed = match self.store().get_secret(id, SecretSlot::Previous).await {
            Ok(sealed) => sealed,
            Err(flero_store::Error::NotFound) => return Err(Error::NoFormerSecret),
            Err(error) => return Err(error.into()),
        };
        let as_it_was = Credential {
            policy: former.policy.clone(),
            secret_revision: former.secret_revision,
            ..current.clone()
        };
        let restored = Credential {
            secret_revision: current.secret_revision + 1,
            secret_changed_at: former.secret_changed_at,
            secret_ends_at: former.secret_ends_at,
            expires_at: former.expires_at,
            secret_fields: former.secret_fields,
            account: former.account,
            status: Status::Active,
            updated_at: now,
            former: None,
            ..as_it_was.clone()
        };
        let from = Binding::of_credential(&as_it_was, CREDENTIAL_FIELD);
        let to = Binding::of_credential(&restored, CREDENTIAL_FIELD);
        let resealed = self.0.keyring.rebind(&sealed.blob, &from, &to).await?;
        let detail =
            AuditDetail { secret_revision: Some(restored.secret_revision), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::CredentialRolledBack, id, detail);
        let mut change = CredentialChange {
            credential: restored,
            secrets: vec![resealed],
            destroy: vec![data_address(id, SecretSlot::Previous)],
            audit: vec![record],
        };
        self.tokens_follow(&current, &mut change, true).await?;
        self.store_change(change).await
    }
}

/// What belongs to the secret that is replaced.
fn former(before: &Credential, until: Timestamp) -> Former {
    Former {
        policy: before.policy.clone(),
        secret_fields: before.secret_fields.clone(),
        account: before.account.clone(),
        expires_at: before.expires_at,
        secret_ends_at: before.secret_ends_at,
        secret_revision: before.secret_revision,
        secret_changed_at: before.secret_changed_at,
        kept_until: until,
    }
}

fn check_times(grace_hours: u32, expires_at: Option<Option<Timestamp>>, now: Timestamp) -> Result<()> {
    let mut faults = Faults::default();
    if grace_hours > MAX_GRACE_HOURS {
        let message = format!("Keep the former secret for 0 to {MAX_GRACE_HOURS} hours.");
        faults.add("/graceHours", "json.range", message);
    }
    if expires_at.flatten().is_some_and(|end| end <= now) {
        faults.add("/expiresAt", "json.range", "The expiry lies in the past.");
    }
    if faults.0.is_empty() { Ok(()) } else { Err(Error::Invalid(faults.0)) }
}

/// The policy under the new secret. Every secret is given anew, so it may say anything that a new credential may.
fn rotated_policy(
    current: &Policy,
    described: Option<&Service>,
    parameters: Option<Map<String, Value>>,
    data: &SecretFields,
) -> Result<Policy> {
    let mut faults = Faults::default();
    let mut policy = current.clone();
    if let Some(mut parameters) = parameters {
        fields::complete(current.auth_type, &mut parameters, data, Some(current));
        let hosts: Vec<String> = current.allowed_hosts.iter().map(ToString::to_string).collect();
        let (service, auth_type) = (&current.service, current.auth_type);
        if let Some(read) = read_policy(service, described, auth_type, parameters, &hosts, &mut faults) {
            policy = read;
        }
    }
    check_secret(&policy, described, data, Needed::Whole, &mut faults);
    if faults.0.is_empty() { Ok(policy) } else { Err(Error::Invalid(faults.0)) }
}
