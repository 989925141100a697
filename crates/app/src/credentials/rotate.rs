//! Rotation: the new secret is tested first, and takes over in one step. Workflows do not change.

use flero_model::{
    CredentialId,
    audit::{AuditAction, AuditDetail},
    credential::{Credential, Policy, Status},
    policy::Principal,
    service::Service,
};
use flero_store::credentials::CredentialChange;
use serde_json::{Map, Value};

use super::{
    SecretFields, Verdict,
    change::SecretSource,
    fields::{self, Faults, Needed, check_secret, read_policy},
    oauth::without_client,
};
use crate::{App, Error, Result};

impl App {
    /// Replaces the secret, whole. `parameters` are given where they belong to the secret: an access key ID, a
    /// certificate. Runs in flight finish with what they hold; the next use gets the new one.
    ///
    /// # Errors
    /// [`Error::SecretRefused`] when the service refuses the new secret and `force` is off: nothing is changed;
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::CredentialRevoked`]; [`Error::Changed`].
    pub async fn rotate_credential(
        &self,
        who: &Principal,
        id: CredentialId,
        mut data: SecretFields,
        parameters: Option<Map<String, Value>>,
        force: bool,
    ) -> Result<Credential> {
        let mut current = self.living_credential(who, id).await?;
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
        let detail = AuditDetail {
            secret_revision: Some(rotated.secret_revision),
            outcome: Some(outcome.to_owned()),
            fields: has_new_parameters.then(|| "parameters".to_owned()).into_iter().collect(),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialRotated, id, detail);
        let change = CredentialChange {
            credential: rotated,
            secrets: Vec::new(),
            destroy: Vec::new(),
            audit: vec![record],
        };
        let document = data.document();
        self.store_sealed(&before, change, SecretSource::New(&document)).await
    }
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
