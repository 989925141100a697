//! Rotation: the new secret is tested first, and takes over in one step. Workflows do not change.

use flero_model::{
    CredentialId,
    audit::{AuditAction, AuditDetail},
    credential::{Credential, Status},
    policy::Principal,
};
use flero_store::credentials::CredentialChange;

use super::{
    SecretFields, Verdict,
    fields::{Faults, check_secret},
};
use crate::{App, Error, Result};

impl App {
    /// Replaces the secret. Runs in flight finish with what they hold; the next use gets the new one.
    ///
    /// # Errors
    /// [`Error::SecretRefused`] when the service refuses the new secret and `force` is off: nothing is changed;
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::CredentialRevoked`]; [`Error::Changed`].
    pub async fn rotate_credential(
        &self,
        who: &Principal,
        id: CredentialId,
        data: SecretFields,
        force: bool,
    ) -> Result<Credential> {
        let current = self.living_credential(who, id).await?;
        let mut faults = Faults::default();
        check_secret(current.policy.auth_type, &data, &mut faults);
        if !faults.0.is_empty() {
            return Err(Error::Invalid(faults.0));
        }
        let mut outcome = "forced";
        if !force {
            let result = self.test_unsaved(who, &current.policy, data.document()).await;
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
        let detail = AuditDetail {
            secret_revision: Some(rotated.secret_revision),
            outcome: Some(outcome.to_owned()),
            ..AuditDetail::default()
        };
        let record = self.record(who, AuditAction::CredentialRotated, id, detail);
        let sealed = self.seal(&rotated, &data.document()).await?;
        let change = CredentialChange {
            credential: rotated,
            secrets: vec![sealed],
            destroy: Vec::new(),
            audit: vec![record],
        };
        self.store_change(change).await
    }
}
