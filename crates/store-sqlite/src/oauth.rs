//! OAuth grants, attempts to connect an account, and the revocation outbox.

mod attempt;
mod grant;
mod outbox;

use async_trait::async_trait;
use flero_model::{
    CredentialId, OauthAttemptId, RevocationId, Timestamp, audit::NewAudit, credential::Credential,
};
use flero_store::{
    Error, OauthStore, Result,
    credentials::CredentialChange,
    keys::SealedSecret,
    oauth::{
        Attempt, AttemptStatus, Claim, ClaimRefresh, CommitTokens, EndRefresh, Grant, NewRevocation,
        Revocation, StoredGrant,
    },
};

use crate::{credentials, secrets, store::SqliteStore};

pub(crate) use grant::{follow, forget as forget_grant};
pub(crate) use outbox::put as put_revocation;

#[async_trait]
impl OauthStore for SqliteStore {
    async fn get_grant(&self, credential: CredentialId) -> Result<Option<StoredGrant>> {
        self.look_up(|connection| grant::get(connection, credential)).await
    }

    async fn claim_refresh(&self, claim: ClaimRefresh) -> Result<Claim> {
        self.write(move |tx| grant::claim(tx, &claim)).await
    }

    async fn commit_tokens(&self, commit: CommitTokens) -> Result<()> {
        self.write(move |tx| grant::commit(tx, &commit)).await
    }

    async fn end_refresh(&self, end: EndRefresh) -> Result<()> {
        self.write(move |tx| grant::end(tx, end)).await
    }

    async fn create_attempt(
        &self,
        attempt: Attempt,
        secrets: Vec<SealedSecret>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            attempt::insert(tx, &attempt)?;
            for secret in &secrets {
                tx.put_secret(secret)?;
            }
            tx.record(&audit)
        })
        .await
    }

    async fn get_attempt(&self, id: OauthAttemptId) -> Result<Attempt> {
        self.look_up(|connection| attempt::get(connection, id)).await
    }

    async fn take_attempt(&self, state_hash: [u8; 32], now: Timestamp) -> Result<Attempt> {
        self.write(move |tx| attempt::take(tx, state_hash, now)).await
    }

    async fn secrets_of(&self, owner: String) -> Result<Vec<SealedSecret>> {
        self.look_up(|connection| {
            secrets::select(connection, "WHERE s.owner = ?1 ORDER BY s.field, s.slot", [&owner])
        })
        .await
    }

    async fn update_attempt(
        &self,
        from: AttemptStatus,
        attempt: Attempt,
        secrets: Vec<SealedSecret>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            attempt::update(tx, from, &attempt)?;
            for secret in &secrets {
                tx.put_secret(secret)?;
            }
            tx.record(&audit)
        })
        .await
    }

    async fn save_attempt(
        &self,
        id: OauthAttemptId,
        change: CredentialChange,
        grant: Grant,
        revoke: Option<NewRevocation>,
    ) -> Result<Credential> {
        self.write(move |tx| {
            let attempt = attempt::get(tx.connection, id)?;
            attempt::mark(tx, AttemptStatus::Connected, id, AttemptStatus::Saved)?;
            tx.destroy_secrets_of(&id.to_string())?;
            let credential = change.credential.id;
            let stored = if attempt.reconnects {
                credentials::update(tx, &change)?
            } else {
                credentials::create(tx, &change)?;
                change.credential.clone()
            };
            grant::put(tx, credential, &grant)?;
            if let Some(revoke) = &revoke {
                outbox::put(tx, revoke)?;
            }
            Ok(stored)
        })
        .await
    }

    async fn expired_attempts(&self, now: Timestamp, limit: u32) -> Result<Vec<Attempt>> {
        self.look_up(|connection| attempt::expired(connection, now, limit)).await
    }

    async fn delete_attempt(&self, id: OauthAttemptId, revoke: Option<NewRevocation>) -> Result<()> {
        self.write(move |tx| {
            if tx.run("DELETE FROM oauth_attempt WHERE id = ?1", [id.as_bytes()])? == 0 {
                return Err(Error::NotFound.into());
            }
            tx.destroy_secrets_of(&id.to_string())?;
            revoke.iter().try_for_each(|revoke| outbox::put(tx, revoke))
        })
        .await
    }

    async fn revoke_with_outbox(
        &self,
        change: CredentialChange,
        revoke: NewRevocation,
    ) -> Result<Credential> {
        self.write(move |tx| {
            let stored = credentials::update(tx, &change)?;
            outbox::put(tx, &revoke)?;
            Ok(stored)
        })
        .await
    }

    async fn delete_with_outbox(
        &self,
        id: CredentialId,
        audit: Vec<NewAudit>,
        revoke: NewRevocation,
    ) -> Result<()> {
        self.write(move |tx| {
            credentials::delete(tx, id, &audit)?;
            outbox::put(tx, &revoke)
        })
        .await
    }

    async fn take_revocations(&self, now: Timestamp, pause_ms: i64, limit: u32) -> Result<Vec<Revocation>> {
        // Looked up first: the answer is nearly always "none", and then nothing needs to be written.
        if self.look_up(|connection| outbox::due(connection, now, 1)).await?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |tx| outbox::take(tx, now, pause_ms, limit)).await
    }

    async fn finish_revocation(&self, id: RevocationId, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            if tx.run("DELETE FROM oauth_revocation WHERE id = ?1", [id.as_bytes()])? == 0 {
                return Err(Error::NotFound.into());
            }
            tx.destroy_secrets_of(&id.to_string())?;
            tx.record(&audit)
        })
        .await
    }
}
