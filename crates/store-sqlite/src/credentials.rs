//! Credentials.

mod list;
mod row;
mod usage;

use async_trait::async_trait;
use flero_model::{
    CredentialId, ExecutionId, Timestamp, WorkflowId, WorkspaceId,
    audit::NewAudit,
    credential::{Credential, Status},
};
use flero_store::{
    CredentialStore, Error, Page, PageRequest, Result,
    credentials::{CredentialChange, CredentialFilter, CredentialUse, CredentialWithSecret, LifecycleNote},
    keys::{SealedSecret, SecretSlot},
};
use rusqlite::OptionalExtension;

use crate::{
    convert::signed,
    error::{Fault, Outcome},
    oauth, secrets,
    store::SqliteStore,
    writer::Tx,
};

pub(crate) use row::select;

pub(crate) fn create(tx: &mut Tx<'_>, change: &CredentialChange) -> Outcome<()> {
    row::insert(tx, &change.credential)?;
    for secret in &change.secrets {
        tx.put_secret(secret)?;
    }
    tx.record(&change.audit)
}

pub(crate) fn update(tx: &mut Tx<'_>, change: &CredentialChange) -> Outcome<Credential> {
    let id = change.credential.id;
    if !row::update(tx, &change.credential)? {
        // Either it is gone, or its revision moved.
        row::get(tx.connection, id)?;
        return Err(Error::Conflict.into());
    }
    for secret in &change.secrets {
        tx.put_secret(secret)?;
    }
    for address in &change.destroy {
        tx.destroy_secret(address)?;
    }
    if change.credential.status == Status::Revoked {
        oauth::forget_grant(tx, id)?;
    }
    tx.record(&change.audit)?;
    row::get(tx.connection, id)
}

/// A person's word stands above what a use brings to light: a revoked credential stays revoked.
fn note_status(
    tx: &mut Tx<'_>,
    id: CredentialId,
    secret_revision: u64,
    status: Status,
    audit: NewAudit,
) -> Outcome<bool> {
    let changed = tx.run(
        "UPDATE credential SET status = ?3, revision = revision + 1
         WHERE id = ?1 AND secret_revision = ?2 AND status <> ?3 AND status <> 'revoked'",
        (id.as_bytes(), signed(secret_revision), status.as_str()),
    )?;
    if changed == 0 {
        return Ok(false);
    }
    tx.record(&[audit])?;
    Ok(true)
}

fn note_lifecycle(tx: &mut Tx<'_>, note: &LifecycleNote) -> Outcome<bool> {
    let id = note.credential.id;
    let stored = match row::get(tx.connection, id) {
        Ok(stored) => stored,
        // It was deleted meanwhile.
        Err(Fault::Port(Error::NotFound)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let former_is_over = stored.former.is_some() && note.credential.former.is_none();
    if !row::note_lifecycle(tx, &note.credential, former_is_over)? {
        return Ok(false);
    }
    if former_is_over {
        tx.run("DELETE FROM sealed_secret WHERE owner = ?1 AND slot = 1", [id.to_string()])?;
    }
    tx.record(&note.audit)?;
    Ok(true)
}

pub(crate) fn delete(tx: &mut Tx<'_>, id: CredentialId, audit: &[NewAudit]) -> Outcome<()> {
    if tx.run("DELETE FROM credential WHERE id = ?1", [id.as_bytes()])? == 0 {
        return Err(Error::NotFound.into());
    }
    tx.destroy_secrets_of(&id.to_string())?;
    oauth::forget_grant(tx, id)?;
    tx.run("DELETE FROM scope_request WHERE credential_id = ?1", [id.as_bytes()])?;
    tx.run("DELETE FROM credential_execution WHERE credential_id = ?1", [id.as_bytes()])?;
    tx.record(audit)
}

#[async_trait]
impl CredentialStore for SqliteStore {
    async fn create_credential(&self, change: CredentialChange) -> Result<()> {
        self.write(move |tx| create(tx, &change)).await
    }

    async fn get_credential(&self, id: CredentialId) -> Result<Credential> {
        self.look_up(|connection| row::get(connection, id)).await
    }

    async fn get_credential_with_secret(&self, id: CredentialId) -> Result<CredentialWithSecret> {
        self.look_up(|connection| row::get_with_secret(connection, id)).await
    }

    async fn get_secret(&self, id: CredentialId, slot: SecretSlot) -> Result<SealedSecret> {
        self.look_up(|connection| {
            let found = secrets::select(
                connection,
                "WHERE s.owner = ?1 AND s.slot = ?2 ORDER BY s.field LIMIT 1",
                (id.to_string(), secrets::slot_number(slot)),
            )?;
            found.into_iter().next().ok_or(Error::NotFound.into())
        })
        .await
    }

    async fn list_credentials(
        &self,
        filter: CredentialFilter,
        page: PageRequest,
    ) -> Result<Page<Credential>> {
        self.read(move |connection| list::list(connection, &filter, &page)).await
    }

    async fn update_credential(&self, change: CredentialChange) -> Result<Credential> {
        self.write(move |tx| {
            let stored = update(tx, &change)?;
            oauth::follow(tx, &change)?;
            Ok(stored)
        })
        .await
    }

    async fn note_credential_status(
        &self,
        id: CredentialId,
        secret_revision: u64,
        status: Status,
        audit: NewAudit,
    ) -> Result<bool> {
        self.write(move |tx| note_status(tx, id, secret_revision, status, audit)).await
    }

    async fn touch_credentials(&self, uses: Vec<(CredentialId, Timestamp)>) -> Result<()> {
        self.write(move |tx| {
            for (id, at) in &uses {
                tx.run(
                    "UPDATE credential SET last_used_at = max(coalesce(last_used_at, ?2), ?2) WHERE id = ?1",
                    (id.as_bytes(), at.as_millis()),
                )?;
            }
            Ok(())
        })
        .await
    }

    async fn delete_credential(&self, id: CredentialId, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| delete(tx, id, &audit)).await
    }

    async fn credential_usage(&self, id: CredentialId) -> Result<Vec<CredentialUse>> {
        self.read(move |connection| usage::usage(connection, id)).await
    }

    async fn credential_executions(
        &self,
        credential: CredentialId,
        workspace: WorkspaceId,
        only: Option<Vec<WorkflowId>>,
        limit: u32,
    ) -> Result<Vec<ExecutionId>> {
        self.read(move |connection| {
            usage::executions(connection, credential, workspace, only.as_deref(), limit)
        })
        .await
    }

    async fn due_credentials(&self, now: Timestamp, limit: u32) -> Result<Vec<Credential>> {
        self.look_up(move |connection| row::due(connection, now, limit)).await
    }

    async fn note_lifecycle(&self, note: LifecycleNote) -> Result<bool> {
        self.write(move |tx| note_lifecycle(tx, &note)).await
    }

    async fn destroy_due_secrets(&self, now: Timestamp) -> Result<u64> {
        // Looked up first: the answer is nearly always "none", and then nothing needs to be written.
        let due = self
            .look_up(|connection| {
                Ok(connection
                    .prepare_cached(
                        "SELECT 1 FROM sealed_secret WHERE destroy_at IS NOT NULL AND destroy_at <= ?1",
                    )?
                    .query_row([now.as_millis()], |_| Ok(()))
                    .optional()?)
            })
            .await?;
        if due.is_none() {
            return Ok(0);
        }
        self.write(move |tx| tx.destroy_due(now)).await
    }
}
