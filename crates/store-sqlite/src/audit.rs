//! The audit trail.

use std::collections::BTreeSet;

use async_trait::async_trait;
use flero_model::{
    ApiKeyId, CredentialId, ExecutionId, WorkspaceId,
    audit::{Actor, AuditRecord, NewAudit},
};
use flero_store::{
    AuditStore, Error, Page, PageRequest, Result,
    audit::{AuditFilter, Checkpoint, KeyUse},
};
use rusqlite::{Connection, Row, named_params};

use crate::{
    convert::{count, from_json, id, id_or_none, millis, named, signed, time, to_json},
    error::Outcome,
    notifications,
    page::{Key, List, Window},
    store::SqliteStore,
    writer::Tx,
};

const COLUMNS: &str = "r.workspace_id, r.sequence, r.at, r.actor_kind, r.actor_user, r.actor_source, r.action, \
                       r.target, r.detail, r.hash";

/// A record with everything that can be made of it before its place is known. The one thread that writes has the
/// least time of all, so whoever queues a record makes this.
pub(crate) struct Prepared {
    event: NewAudit,
    canonical: Vec<u8>,
    detail: String,
    credentials: BTreeSet<CredentialId>,
}

impl Prepared {
    /// Prepares records, in their order.
    pub(crate) fn all(events: &[NewAudit]) -> Outcome<Vec<Self>> {
        let one = |event: &NewAudit| {
            Ok(Self {
                canonical: event.canonical_bytes(),
                detail: to_json(&event.detail)?,
                credentials: credentials_of(event),
                event: event.clone(),
            })
        };
        events.iter().map(one).collect()
    }
}

impl Tx<'_> {
    /// Appends records to their chains.
    pub(crate) fn record(&mut self, events: &[NewAudit]) -> Outcome<()> {
        self.record_prepared(&Prepared::all(events)?)
    }

    /// Appends records whose bytes were made before, outside of the writing thread.
    pub(crate) fn record_prepared(&mut self, records: &[Prepared]) -> Outcome<()> {
        records.iter().try_for_each(|record| self.record_one(record))
    }

    fn record_one(&mut self, record: &Prepared) -> Outcome<()> {
        let event = &record.event;
        let (sequence, hash) = self.chain(event.workspace, &record.canonical)?;
        let (kind, user, source) = actor_columns(&event.actor);
        self.run(
            "INSERT INTO audit_record (workspace_id, sequence, at, actor_kind, actor_user, actor_source, action,
                                       target, detail, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                event.workspace.as_bytes(),
                signed(sequence),
                event.at.as_millis(),
                kind,
                user,
                source,
                event.action.as_str(),
                &event.target,
                &record.detail,
                hash,
            ),
        )?;
        notifications::note_record(self, event, sequence)?;
        for credential in &record.credentials {
            self.run(
                "INSERT INTO audit_credential (credential_id, workspace_id, sequence) VALUES (?1, ?2, ?3)",
                (credential.as_bytes(), event.workspace.as_bytes(), signed(sequence)),
            )?;
        }
        Ok(())
    }
}

/// The credentials that a record is about.
fn credentials_of(event: &NewAudit) -> BTreeSet<CredentialId> {
    event.target.parse().ok().into_iter().chain(event.detail.credential).collect()
}

type ActorColumns = (u8, Option<[u8; 16]>, Option<[u8; 16]>);

fn actor_columns(actor: &Actor) -> ActorColumns {
    match actor {
        Actor::User { user } => (0, Some(*user.as_bytes()), None),
        Actor::ApiKey { user, key } => (1, Some(*user.as_bytes()), Some(*key.as_bytes())),
        Actor::Run { execution, user } => (2, Some(*user.as_bytes()), Some(*execution.as_bytes())),
        Actor::System => (3, None, None),
    }
}

fn actor(row: &Row<'_>, column: usize) -> Outcome<Actor> {
    let corrupt = || Error::Corrupt { what: "an audit record" };
    let user = id_or_none(row, column + 1)?;
    match row.get(column)? {
        0 => Ok(Actor::User { user: user.ok_or_else(corrupt)? }),
        1 => {
            let key: Option<ApiKeyId> = id_or_none(row, column + 2)?;
            Ok(Actor::ApiKey { user: user.ok_or_else(corrupt)?, key: key.ok_or_else(corrupt)? })
        }
        2 => {
            let execution: Option<ExecutionId> = id_or_none(row, column + 2)?;
            Ok(Actor::Run { user: user.ok_or_else(corrupt)?, execution: execution.ok_or_else(corrupt)? })
        }
        3 => Ok(Actor::System),
        _ => Err(corrupt().into()),
    }
}

/// One record by its place.
pub(crate) fn one(connection: &Connection, workspace: WorkspaceId, sequence: u64) -> Outcome<AuditRecord> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM audit_record AS r WHERE r.workspace_id = ?1 AND r.sequence = ?2"
    ))?;
    let mut rows = statement.query((workspace.as_bytes(), signed(sequence)))?;
    record(rows.next()?.ok_or(Error::NotFound)?)
}

fn record(row: &Row<'_>) -> Outcome<AuditRecord> {
    Ok(AuditRecord {
        sequence: count(row, 1)?,
        event: NewAudit {
            workspace: id(row, 0)?,
            at: time(row, 2)?,
            actor: actor(row, 3)?,
            action: named(row, 6, "an audit record")?,
            target: row.get(7)?,
            detail: from_json(row, 8, "an audit record")?,
        },
        hash: row.get(9)?,
    })
}

/// Where the records of a filter are, and the condition on them. Records about a credential are found through the narrow
/// table; others by running down the chain.
fn source(filter: &AuditFilter) -> (&'static str, &'static str) {
    if filter.credential.is_some() {
        let narrow = "audit_credential AS c JOIN audit_record AS r
             ON r.workspace_id = c.workspace_id AND r.sequence = c.sequence
             WHERE c.credential_id = :credential AND c.workspace_id = :workspace";
        (narrow, "c.sequence")
    } else {
        ("audit_record AS r WHERE r.workspace_id = :workspace AND :credential IS NULL", "r.sequence")
    }
}

const WANTED: &str = "(:actor IS NULL OR r.actor_user = :actor) AND (:action IS NULL OR r.action = :action)
     AND (:target IS NULL OR r.target = :target)
     AND (:since IS NULL OR r.at >= :since) AND (:until IS NULL OR r.at < :until)";

/// The records before a place, newest first.
fn find(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &AuditFilter,
    before: i64,
    rows: i64,
) -> Outcome<Vec<AuditRecord>> {
    let (source, order) = source(filter);
    let actor = filter.actor.map(|user| *user.as_bytes());
    let action = filter.action.map(|action| action.as_str());
    let credential = filter.credential.map(|credential| *credential.as_bytes());
    let (since, until) = (millis(filter.since), millis(filter.until));
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM {source} AND {WANTED} AND {order} < :after ORDER BY {order} DESC LIMIT :rows"
    ))?;
    statement
        .query_and_then(
            named_params! {
                ":workspace": workspace.as_bytes(), ":credential": credential, ":actor": actor,
                ":action": action, ":target": filter.target, ":since": since, ":until": until,
                ":after": before, ":rows": rows,
            },
            record,
        )?
        .collect()
}

fn list(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &AuditFilter,
    window: Window,
) -> Outcome<(Vec<AuditRecord>, i64)> {
    let items = find(connection, workspace, filter, window.after.number, window.rows())?;
    let (source, _) = source(filter);
    let actor = filter.actor.map(|user| *user.as_bytes());
    let action = filter.action.map(|action| action.as_str());
    let credential = filter.credential.map(|credential| *credential.as_bytes());
    let (since, until) = (millis(filter.since), millis(filter.until));
    let total = connection.prepare_cached(&format!("SELECT count(*) FROM {source} AND {WANTED}"))?.query_row(
        named_params! {
            ":workspace": workspace.as_bytes(), ":credential": credential, ":actor": actor, ":action": action,
            ":target": filter.target, ":since": since, ":until": until,
        },
        |row| row.get(0),
    )?;
    Ok((items, total))
}

/// Uses that ended, from the newest: each begins with an intent, which is left out.
fn uses(
    connection: &Connection,
    workspace: WorkspaceId,
    credential: CredentialId,
    window: Window,
) -> Outcome<Vec<AuditRecord>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM audit_credential AS c
             JOIN audit_record AS r ON r.workspace_id = c.workspace_id AND r.sequence = c.sequence
             WHERE c.credential_id = ?1 AND c.workspace_id = ?2 AND c.sequence < ?3
               AND r.action IN ('credential.used', 'credential.use_refused')
             ORDER BY c.sequence DESC LIMIT ?4"
        ))?
        .query_and_then(
            (credential.as_bytes(), workspace.as_bytes(), window.after.number, window.rows()),
            record,
        )?
        .collect()
}

fn keys(connection: &Connection, workspace: WorkspaceId, credential: CredentialId) -> Outcome<Vec<KeyUse>> {
    connection
        .prepare_cached(
            "SELECT actor_source, actor_user, count(*), max(at) FROM (
                 SELECT r.actor_kind, r.actor_source, r.actor_user, r.at, r.action FROM audit_credential AS c
                 JOIN audit_record AS r ON r.workspace_id = c.workspace_id AND r.sequence = c.sequence
                 WHERE c.credential_id = ?1 AND c.workspace_id = ?2 ORDER BY c.sequence DESC LIMIT 10000)
             WHERE actor_kind = 1 AND action = 'credential.used'
             GROUP BY actor_source, actor_user ORDER BY max(at) DESC LIMIT 200",
        )?
        .query_and_then((credential.as_bytes(), workspace.as_bytes()), |row| {
            Ok(KeyUse { key: id(row, 0)?, user: id(row, 1)?, count: count(row, 2)?, last_at: time(row, 3)? })
        })?
        .collect()
}

#[async_trait]
impl AuditStore for SqliteStore {
    async fn append_audit(&self, records: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| tx.record(&records)).await
    }

    async fn list_audit(
        &self,
        workspace: WorkspaceId,
        filter: AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>> {
        self.read(move |connection| {
            let window = Window::new(List::Audit, &page)?;
            let (items, total) = list(connection, workspace, &filter, window)?;
            Ok(window.page(items, total, |record| Key::of(signed(record.sequence))))
        })
        .await
    }

    async fn audit_before(
        &self,
        workspace: WorkspaceId,
        filter: AuditFilter,
        before: u64,
        limit: u32,
    ) -> Result<Vec<AuditRecord>> {
        self.read(move |connection| {
            let before = i64::try_from(before).unwrap_or(i64::MAX);
            find(connection, workspace, &filter, before, i64::from(limit))
        })
        .await
    }

    async fn credential_uses(
        &self,
        workspace: WorkspaceId,
        credential: CredentialId,
        page: PageRequest,
    ) -> Result<(Vec<AuditRecord>, Option<String>)> {
        self.read(move |connection| {
            let window = Window::new(List::Audit, &page)?;
            let items = uses(connection, workspace, credential, window)?;
            let page = window.page(items, 0, |record| Key::of(signed(record.sequence)));
            Ok((page.items, page.next_cursor))
        })
        .await
    }

    async fn credential_keys(&self, workspace: WorkspaceId, credential: CredentialId) -> Result<Vec<KeyUse>> {
        self.read(move |connection| keys(connection, workspace, credential)).await
    }

    async fn audit_range(&self, workspace: WorkspaceId, after: u64, limit: u32) -> Result<Vec<AuditRecord>> {
        self.read(move |connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM audit_record AS r
                     WHERE r.workspace_id = ?1 AND r.sequence > ?2 ORDER BY r.sequence LIMIT ?3"
                ))?
                .query_and_then((workspace.as_bytes(), signed(after), limit), record)?
                .collect()
        })
        .await
    }

    async fn add_audit_checkpoint(&self, checkpoint: Checkpoint) -> Result<()> {
        self.write(move |tx| {
            tx.run(
                "INSERT INTO audit_checkpoint (workspace_id, sequence, hash, at, mac) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO NOTHING",
                (
                    checkpoint.workspace.as_bytes(),
                    signed(checkpoint.sequence),
                    checkpoint.hash,
                    checkpoint.at.as_millis(),
                    checkpoint.mac,
                ),
            )
            .map(|_| ())
        })
        .await
    }

    async fn audit_checkpoints(&self, workspace: WorkspaceId) -> Result<Vec<Checkpoint>> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT sequence, hash, at, mac FROM audit_checkpoint WHERE workspace_id = ?1 ORDER BY sequence",
                )?
                .query_and_then([workspace.as_bytes()], |row| {
                    let (hash, mac) = (row.get(1)?, row.get(3)?);
                    Ok(Checkpoint { workspace, sequence: count(row, 0)?, hash, at: time(row, 2)?, mac })
                })?
                .collect()
        })
        .await
    }

    async fn audited_secret_revisions(&self) -> Result<Vec<(CredentialId, u64)>> {
        self.read(|connection| {
            // A record can name a second credential, the copy of its target, whose revision it does not tell.
            connection
                .prepare_cached(
                    "SELECT target, max(json_extract(detail, '$.secretRevision')) AS revision FROM audit_record
                     WHERE target LIKE 'cred\\_%' ESCAPE '\\' GROUP BY target HAVING revision IS NOT NULL",
                )?
                .query_and_then([], |row| {
                    let target: String = row.get(0)?;
                    Ok((target.parse().ok(), count(row, 1)?))
                })?
                .filter_map(|found: Outcome<(Option<CredentialId>, u64)>| match found {
                    Ok((id, revision)) => id.map(|id| Ok((id, revision))),
                    Err(error) => Some(Err(error)),
                })
                .collect()
        })
        .await
    }

    async fn audit_heads(&self) -> Result<Vec<(WorkspaceId, u64, [u8; 32])>> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT workspace_id, sequence, hash FROM audit_head ORDER BY workspace_id")?
                .query_and_then([], |row| Ok((id(row, 0)?, count(row, 1)?, row.get(2)?)))?
                .collect()
        })
        .await
    }
}
