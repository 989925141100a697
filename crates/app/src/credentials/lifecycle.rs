//! What time does to credentials: the sweep that notes ends and warnings, reminds of rotations, and destroys former
//! secrets whose grace period has passed.

use std::{collections::HashMap, time::Duration};

use flero_model::{
    OrganizationId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    credential::{
        Credential, Status,
        lifecycle::{EndReason, Step},
    },
};
use flero_store::credentials::LifecycleNote;

use crate::{App, Result};

/// How often the sweep looks. An end by its owner's word and the secret's own counts at its very time; the
/// organization's maximum age counts from the first look on.
const EVERY: Duration = Duration::from_secs(30);
/// How many credentials are read at once.
const BATCH: u32 = 200;

impl App {
    /// Carries out what is due for credentials; returns for how many there was something.
    ///
    /// # Errors
    /// As the store.
    pub async fn sweep_credentials(&self) -> Result<usize> {
        let mut ages: HashMap<OrganizationId, Option<u32>> = HashMap::new();
        let mut done = 0;
        loop {
            let due = self.store().due_credentials(self.now(), BATCH).await?;
            let (read, mut noted) = (due.len(), 0);
            for credential in due {
                let organization = credential.organization_id;
                let age = match ages.get(&organization) {
                    Some(age) => *age,
                    None => {
                        let (policies, _) = self.store().organization_policies(organization).await?;
                        *ages.entry(organization).or_insert(policies.max_credential_age_days)
                    }
                };
                noted += usize::from(self.sweep_one(credential, age).await?);
            }
            done += noted;
            // What was not noted was changed by somebody else at that moment; it is looked at the next time.
            if read < BATCH as usize || noted == 0 {
                return Ok(done);
            }
        }
    }

    async fn sweep_one(&self, mut credential: Credential, age: Option<u32>) -> Result<bool> {
        let now = self.now();
        let (id, former_end) = (credential.id, credential.end());
        credential.set_maximum_age(age);
        let end_moved = credential.end() != former_end;
        let mut audit = Vec::new();
        let steps = credential.steps(now);
        for step in &steps {
            audit.extend(self.step_record(&credential, *step));
            credential.note_step(*step, now);
        }
        let noted = self.store().note_lifecycle(LifecycleNote { credential, audit }).await?;
        if noted && (end_moved || !steps.is_empty()) {
            self.credential_changed(id);
        }
        Ok(noted)
    }

    /// The record of a step; `None` where it tells nothing new.
    fn step_record(&self, credential: &Credential, step: Step) -> Option<NewAudit> {
        let why = credential.end().map(|(_, why)| EndReason::as_str(why).to_owned());
        let (action, detail) = match step {
            Step::Ended => {
                // The status that was seen until now. One that nobody could use has ended before.
                let from = Some(credential.status).filter(|status| status.is_usable())?;
                let detail = AuditDetail {
                    from: Some(from.as_str().to_owned()),
                    to: Some(Status::Expired.as_str().to_owned()),
                    outcome: why,
                    ..AuditDetail::default()
                };
                (AuditAction::CredentialStatusChanged, detail)
            }
            Step::EndsSoon if !credential.status.is_usable() => return None,
            Step::EndsSoon => {
                (AuditAction::CredentialExpiring, AuditDetail { outcome: why, ..AuditDetail::default() })
            }
            Step::RotationDue => (AuditAction::RotationDue, AuditDetail::default()),
            Step::FormerOver => {
                let revision = credential.former.as_ref().map(|former| former.secret_revision);
                let detail = AuditDetail { secret_revision: revision, ..AuditDetail::default() };
                (AuditAction::CredentialFormerDestroyed, detail)
            }
        };
        let detail = AuditDetail { name: Some(credential.name.clone()), ..detail };
        Some(self.record_in(credential.workspace_id, Actor::System, action, credential.id, detail))
    }

    /// Looks for what is due from time to time, as long as the process lives.
    pub fn spawn_credential_sweeps(&self) {
        let app = self.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = app.sweep_credentials().await {
                    tracing::warn!(%error, "the sweep of credentials failed; it is tried again");
                }
                if let Err(error) = app.expire_scope_requests().await {
                    tracing::warn!(%error, "the sweep of requests failed; it is tried again");
                }
                tokio::time::sleep(EVERY).await;
            }
        });
    }
}
