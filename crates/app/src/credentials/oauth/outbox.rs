//! Grants that are to be revoked at their service although their credential is gone, and attempts that were not saved.

use std::time::Duration;

use flero_connect::CREDENTIAL_FIELD;
use flero_keyring::Binding;
use flero_model::{
    RevocationId,
    audit::{Actor, AuditAction, AuditDetail},
    credential::Credential,
};
use flero_store::oauth::{Attempt, AttemptStatus, NewRevocation, Revocation, StoredGrant, TOKENS_FIELD};

use crate::{App, Result, random};

/// How often the outbox and the attempts are looked through.
const EVERY: Duration = Duration::from_secs(15);
/// The first pause after a revocation that failed; it doubles up to an hour.
const PAUSE_MS: i64 = 30_000;
/// How long a revocation is tried: three days. Whoever revoked then has to do it at the service.
const GIVE_UP_AFTER_MS: i64 = 3 * 86_400_000;

impl App {
    /// What is needed to revoke the grant of a credential later; `None` where the service has no address for that.
    pub(in crate::credentials) async fn revocation_of(
        &self,
        credential: &Credential,
        stored: &StoredGrant,
    ) -> Result<Option<NewRevocation>> {
        let Some(tokens) = &stored.tokens else { return Ok(None) };
        let mut entry = self.entry(credential)?;
        if !has_revocation_url(credential) {
            return Ok(None);
        }
        let owner = entry.revocation.id.to_string();
        let from = Binding::of_tokens(credential, stored.grant.revision);
        let to = Binding::of_record(&owner, credential, TOKENS_FIELD);
        entry.secrets.push(self.0.keyring.rebind(&tokens.blob, &from, &to).await?);
        let row = self.store().get_credential_with_secret(credential.id).await?;
        if let Some(data) = &row.secret {
            let from = Binding::of_credential(&row.credential, CREDENTIAL_FIELD);
            let to = Binding::of_record(&owner, credential, CREDENTIAL_FIELD);
            entry.secrets.push(self.0.keyring.rebind(&data.blob, &from, &to).await?);
        }
        Ok(Some(entry))
    }

    /// The revocation of a credential that is about to go.
    pub(crate) async fn revocation(&self, credential: &Credential) -> Result<Option<NewRevocation>> {
        match self.store().get_grant(credential.id).await? {
            Some(stored) => self.revocation_of(credential, &stored).await,
            None => Ok(None),
        }
    }

    fn entry(&self, credential: &Credential) -> Result<NewRevocation> {
        let now = self.now();
        let revocation = Revocation {
            id: RevocationId::new(now, random::for_id()?),
            credential: credential.clone(),
            attempts: 0,
            next_at: now,
            created_at: now,
        };
        Ok(NewRevocation { revocation, secrets: Vec::new() })
    }

    /// Carries out what is due: revocations, and attempts that have ended. Returns how many of both.
    ///
    /// # Errors
    /// As the store.
    pub async fn sweep_oauth(&self) -> Result<usize> {
        let mut done = 0;
        for attempt in self.store().expired_attempts(self.now(), 100).await? {
            self.drop_attempt(attempt).await?;
            done += 1;
        }
        for revocation in self.store().take_revocations(self.now(), PAUSE_MS, 20).await? {
            self.carry_out(revocation).await?;
            done += 1;
        }
        Ok(done)
    }

    async fn drop_attempt(&self, attempt: Attempt) -> Result<()> {
        let mut revoke = None;
        if attempt.status == AttemptStatus::Connected && has_revocation_url(&attempt.draft) {
            let mut entry = self.entry(&attempt.draft)?;
            let (owner, new_owner) = (attempt.id.to_string(), entry.revocation.id.to_string());
            for sealed in self.store().secrets_of(owner.clone()).await? {
                let field = sealed.address.field.as_str();
                if ![TOKENS_FIELD, CREDENTIAL_FIELD].contains(&field) {
                    continue;
                }
                let from = Binding::of_record(&owner, &attempt.draft, field);
                let to = Binding::of_record(&new_owner, &attempt.draft, field);
                entry.secrets.push(self.0.keyring.rebind(&sealed.blob, &from, &to).await?);
            }
            revoke = Some(entry);
        }
        match self.store().delete_attempt(attempt.id, revoke).await {
            // Another process was faster.
            Err(flero_store::Error::NotFound) => Ok(()),
            done => Ok(done?),
        }
    }

    async fn carry_out(&self, revocation: Revocation) -> Result<()> {
        let outcome = match self.0.connect.revoke_grant(&revocation).await {
            Ok(()) => "success",
            Err(fault) => {
                let age = self.now().millis_since(revocation.created_at);
                if fault.is_transient() && age < GIVE_UP_AFTER_MS {
                    tracing::info!(
                        credential = %revocation.credential.id,
                        why = fault.word(),
                        attempts = revocation.attempts + 1,
                        "a grant could not be revoked at its service; it is tried again"
                    );
                    return Ok(());
                }
                fault.word()
            }
        };
        let detail = AuditDetail {
            outcome: Some(outcome.to_owned()),
            attempt: Some(revocation.attempts + 1),
            ..AuditDetail::default()
        };
        let record = self.record_in(
            revocation.credential.workspace_id,
            Actor::System,
            AuditAction::GrantRevoked,
            revocation.credential.id,
            detail,
        );
        match self.store().finish_revocation(revocation.id, vec![record]).await {
            Err(flero_store::Error::NotFound) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Has the outbox worked off at once: somebody waits to see a grant gone.
    pub(crate) fn wake_outbox(&self) {
        self.0.outbox.notify_one();
    }

    /// Looks through the outbox and the attempts from time to time, as long as the process lives.
    pub fn spawn_oauth_sweeps(&self) {
        let app = self.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = app.sweep_oauth().await {
                    tracing::warn!(%error, "the outbox of revocations could not be worked off");
                }
                let _ = tokio::time::timeout(EVERY, app.0.outbox.notified()).await;
            }
        });
    }
}

fn has_revocation_url(credential: &Credential) -> bool {
    flero_connect::oauth::Settings::read(&credential.policy)
        .is_ok_and(|settings| settings.ways.revocation_url.is_some())
}
