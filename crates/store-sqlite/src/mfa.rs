//! Second factors, the challenges of passkeys, and the policies of organizations.

mod passkeys;
mod policies;
mod recovery;
mod totp;

use async_trait::async_trait;
use flero_model::{
    OrganizationId, PasskeyId, Timestamp, UserId, audit::NewAudit,
    organization_policies::OrganizationPolicies,
};
use flero_store::{
    Error, MfaStore, Result,
    keys::SealedSecret,
    mfa::{Challenge, ConfirmTotp, FactorChange, Factors, StoredPasskey, Totp},
    sessions::Which,
};
use rusqlite::Connection;

use crate::{error::Outcome, store::SqliteStore, writer::Tx};

fn factors(connection: &Connection, user: UserId) -> Outcome<Factors> {
    let sql = "SELECT
        EXISTS (SELECT 1 FROM totp WHERE user_id = ?1 AND active_revision IS NOT NULL),
        (SELECT count(*) FROM passkey WHERE user_id = ?1),
        (SELECT count(*) FROM recovery_code WHERE user_id = ?1),
        EXISTS (SELECT 1 FROM organization_member AS m JOIN organization_policies AS p
                ON p.organization_id = m.organization_id WHERE m.user_id = ?1 AND p.requires_mfa = 1)";
    Ok(connection.prepare_cached(sql)?.query_row([user.as_bytes()], |row| {
        Ok(Factors {
            has_totp: row.get(0)?,
            passkeys: row.get(1)?,
            recovery_codes: row.get(2)?,
            is_required: row.get(3)?,
        })
    })?)
}

/// What every change of factors brings along; tells whether recovery codes were stored.
fn finish(tx: &mut Tx<'_>, user: UserId, change: &FactorChange) -> Outcome<bool> {
    let left = factors(tx.connection, user)?;
    if left.must_enrol() {
        return Err(Error::Refused { rule: "somebody who must have a factor keeps the last one" }.into());
    }
    if !left.has_any() {
        // A recovery code stands in for a factor; without one it opens nothing and means nothing.
        recovery::clear(tx, user)?;
    }
    let is_first = left.has_any() && left.recovery_codes == 0 && !change.first_recovery_codes.is_empty();
    if is_first {
        recovery::replace(tx, user, &change.first_recovery_codes)?;
    }
    tx.delete_sessions(user, Which::AllBut(change.keep))?;
    tx.record(&change.audit)?;
    Ok(is_first)
}

#[async_trait]
impl MfaStore for SqliteStore {
    async fn factors(&self, user: UserId) -> Result<Factors> {
        self.look_up(|connection| factors(connection, user)).await
    }

    async fn totp(&self, user: UserId) -> Result<Option<Totp>> {
        self.read(move |connection| totp::get(connection, user)).await
    }

    async fn begin_totp(
        &self,
        user: UserId,
        counter: u64,
        pending: SealedSecret,
        at: Timestamp,
    ) -> Result<()> {
        self.write(move |tx| totp::begin(tx, user, counter, &pending, at)).await
    }

    async fn confirm_totp(&self, confirm: ConfirmTotp) -> Result<bool> {
        self.write(move |tx| {
            totp::confirm(tx, &confirm)?;
            finish(tx, confirm.user, &confirm.change)
        })
        .await
    }

    async fn use_totp_step(&self, user: UserId, revision: u64, step: u64) -> Result<()> {
        self.write(move |tx| totp::use_step(tx, user, revision, step)).await
    }

    async fn remove_totp(&self, user: UserId, change: FactorChange) -> Result<()> {
        self.write(move |tx| {
            totp::remove(tx, user)?;
            finish(tx, user, &change).map(drop)
        })
        .await
    }

    async fn replace_recovery_codes(
        &self,
        user: UserId,
        hashes: Vec<[u8; 32]>,
        audit: Vec<NewAudit>,
    ) -> Result<()> {
        self.write(move |tx| {
            recovery::replace(tx, user, &hashes)?;
            tx.record(&audit)
        })
        .await
    }

    async fn use_recovery_code(&self, user: UserId, hash: [u8; 32], audit: Vec<NewAudit>) -> Result<u32> {
        self.write(move |tx| {
            let left = recovery::take(tx, user, hash)?;
            tx.record(&audit)?;
            Ok(left)
        })
        .await
    }

    async fn passkeys(&self, user: UserId) -> Result<Vec<StoredPasskey>> {
        self.read(move |connection| passkeys::list(connection, user)).await
    }

    async fn add_passkey(&self, passkey: StoredPasskey, change: FactorChange) -> Result<bool> {
        self.write(move |tx| {
            passkeys::insert(tx, &passkey)?;
            finish(tx, passkey.user, &change)
        })
        .await
    }

    async fn use_passkey(&self, id: PasskeyId, revision: u64, key: String, at: Timestamp) -> Result<()> {
        self.write(move |tx| passkeys::note_use(tx, id, revision, &key, at)).await
    }

    async fn rename_passkey(&self, user: UserId, id: PasskeyId, name: String) -> Result<()> {
        self.write(move |tx| passkeys::rename(tx, user, id, &name)).await
    }

    async fn remove_passkey(&self, user: UserId, id: PasskeyId, change: FactorChange) -> Result<()> {
        self.write(move |tx| {
            passkeys::remove(tx, user, id)?;
            finish(tx, user, &change).map(drop)
        })
        .await
    }

    async fn put_challenge(&self, challenge: Challenge) -> Result<()> {
        self.write(move |tx| passkeys::put_challenge(tx, &challenge)).await
    }

    async fn take_challenge(&self, id_hash: [u8; 32], now: Timestamp) -> Result<Challenge> {
        self.write(move |tx| passkeys::take_challenge(tx, id_hash, now)).await
    }

    async fn organization_policies(&self, id: OrganizationId) -> Result<(OrganizationPolicies, u64)> {
        self.look_up(|connection| policies::get(connection, id)).await
    }

    async fn set_organization_policies(
        &self,
        id: OrganizationId,
        policies: OrganizationPolicies,
        revision: u64,
        audit: Vec<NewAudit>,
    ) -> Result<u64> {
        self.write(move |tx| {
            policies::set(tx, id, &policies, revision)?;
            tx.record(&audit)?;
            Ok(revision + 1)
        })
        .await
    }
}
