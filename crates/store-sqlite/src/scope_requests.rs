//! Requests for a wider scope of a credential.

use async_trait::async_trait;
use flero_model::{
    ScopeRequestId, Timestamp,
    audit::NewAudit,
    credential::Credential,
    scope_request::{RequestStatus, ScopeRequest},
};
use flero_store::{
    Error, Page, PageRequest, Result, ScopeRequestStore,
    credentials::CredentialChange,
    scope_requests::{Closing, NamedRequest, RequestFilter},
};
use rusqlite::{Connection, Row, ToSql, named_params};

use crate::{
    convert::{from_json, id, id_or_none, millis, named, time, time_or_none, to_json},
    credentials,
    error::{OrTaken, Outcome},
    oauth,
    page::{Key, List, Window},
    store::SqliteStore,
    writer::Tx,
};

const WHAT: &str = "a request for a wider scope";

/// Whoever is deleted has no name any more.
const SELECT: &str =
    "SELECT r.id, r.credential_id, r.workspace_id, r.organization_id, r.asker, r.from_scope, r.to_scope,
     r.policy, r.note, r.status, r.reason, r.decided_by, r.created_at, r.expires_at, r.decided_at, c.name,
     coalesce(a.name, ''), d.name
     FROM scope_request AS r JOIN credential AS c ON c.id = r.credential_id
     LEFT JOIN person AS a ON a.id = r.asker LEFT JOIN person AS d ON d.id = r.decided_by";

fn read(row: &Row<'_>) -> Outcome<NamedRequest> {
    Ok(NamedRequest {
        request: ScopeRequest {
            id: id(row, 0)?,
            credential: id(row, 1)?,
            workspace: id(row, 2)?,
            organization: id(row, 3)?,
            asker: id(row, 4)?,
            from: named(row, 5, WHAT)?,
            to: named(row, 6, WHAT)?,
            policy: from_json(row, 7, WHAT)?,
            note: row.get(8)?,
            status: named(row, 9, WHAT)?,
            reason: row.get(10)?,
            decided_by: id_or_none(row, 11)?,
            created_at: time(row, 12)?,
            expires_at: time(row, 13)?,
            decided_at: time_or_none(row, 14)?,
        },
        credential_name: row.get(15)?,
        asker_name: row.get(16)?,
        decider_name: row.get(17)?,
    })
}

/// An open request of the same credential and scope whose time is over makes room.
fn insert(tx: &Tx<'_>, request: &ScopeRequest) -> Outcome<()> {
    tx.run(
        "UPDATE scope_request SET status = 'expired', decided_at = ?3
         WHERE credential_id = ?1 AND to_scope = ?2 AND status = 'open' AND expires_at <= ?3",
        (request.credential.as_bytes(), request.to.as_str(), request.created_at.as_millis()),
    )?;
    tx.connection
        .prepare_cached(
            "INSERT INTO scope_request (id, credential_id, workspace_id, organization_id, asker, from_scope, to_scope,
                                        policy, note, status, reason, decided_by, created_at, expires_at, decided_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute((
            request.id.as_bytes(),
            request.credential.as_bytes(),
            request.workspace.as_bytes(),
            request.organization.as_bytes(),
            request.asker.as_bytes(),
            request.from.as_str(),
            request.to.as_str(),
            to_json(&request.policy)?,
            &request.note,
            request.status.as_str(),
            &request.reason,
            request.decided_by.as_ref().map(|user| *user.as_bytes()),
            request.created_at.as_millis(),
            request.expires_at.as_millis(),
            millis(request.decided_at),
        ))
        .or_taken("open request")?;
    Ok(())
}

fn one(connection: &Connection, wanted: ScopeRequestId) -> Outcome<NamedRequest> {
    let mut statement = connection.prepare_cached(&[SELECT, " WHERE r.id = ?1"].concat())?;
    let mut rows = statement.query([wanted.as_bytes()])?;
    read(rows.next()?.ok_or(Error::NotFound)?)
}

fn close(tx: &Tx<'_>, closing: &Closing) -> Outcome<()> {
    let changed = tx.run(
        "UPDATE scope_request SET status = ?2, reason = ?3, decided_by = ?4, decided_at = ?5
         WHERE id = ?1 AND status = 'open' AND (?2 = 'expired' OR expires_at > ?5)",
        (
            closing.id.as_bytes(),
            closing.status.as_str(),
            &closing.reason,
            closing.by.as_ref().map(|user| *user.as_bytes()),
            closing.at.as_millis(),
        ),
    )?;
    if changed == 0 { Err(Error::Conflict.into()) } else { Ok(()) }
}

/// What the reader may see is a condition of the statement, so that no count tells of the rest.
const SEEN: &str =
    "((r.workspace_id = :workspace AND (r.asker = :reader OR (:all AND r.to_scope = 'workspace')))
      OR (r.organization_id = :organization AND r.to_scope = 'organization'))
     AND (:credential IS NULL OR r.credential_id = :credential)
     AND (:status IS NULL OR :status =
          CASE WHEN r.status = 'open' AND r.expires_at <= :now THEN 'expired' ELSE r.status END)";

fn list(connection: &Connection, filter: &RequestFilter, page: &PageRequest) -> Outcome<Page<NamedRequest>> {
    let window = Window::new(List::ScopeRequests, page)?;
    let organization = filter.of_organization.as_ref().map(|id| *id.as_bytes());
    let credential = filter.credential.as_ref().map(|id| *id.as_bytes());
    let (status, now) = (filter.status.map(RequestStatus::as_str), filter.now.as_millis());
    let facts: &[(&str, &dyn ToSql)] = named_params! {
        ":workspace": filter.workspace.as_bytes(),
        ":reader": filter.reader.as_bytes(),
        ":all": filter.of_workspace,
        ":organization": organization,
        ":credential": credential,
        ":status": status,
        ":now": now,
    };
    let rows = window.rows();
    let place: &[(&str, &dyn ToSql)] =
        named_params! { ":number": window.after.number, ":id": window.after.id, ":rows": rows };
    let items = connection
        .prepare_cached(&format!(
            "{SELECT} WHERE {SEEN} AND (r.created_at, r.id) < (:number, :id)
             ORDER BY r.created_at DESC, r.id DESC LIMIT :rows"
        ))?
        .query_and_then([facts, place].concat().as_slice(), read)?
        .collect::<Outcome<Vec<_>>>()?;
    let total = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM scope_request AS r JOIN credential AS c ON c.id = r.credential_id WHERE {SEEN}"
        ))?
        .query_row(facts, |row| row.get(0))?;
    Ok(window.page(items, total, |one| Key {
        number: one.request.created_at.as_millis(),
        id: *one.request.id.as_bytes(),
    }))
}

#[async_trait]
impl ScopeRequestStore for SqliteStore {
    async fn create_scope_request(&self, request: ScopeRequest, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            insert(tx, &request)?;
            tx.record(&audit)
        })
        .await
    }

    async fn scope_request(&self, id: ScopeRequestId) -> Result<NamedRequest> {
        self.look_up(move |connection| one(connection, id)).await
    }

    async fn list_scope_requests(
        &self,
        filter: RequestFilter,
        page: PageRequest,
    ) -> Result<Page<NamedRequest>> {
        self.read(move |connection| list(connection, &filter, &page)).await
    }

    async fn close_scope_request(&self, closing: Closing, audit: Vec<NewAudit>) -> Result<()> {
        self.write(move |tx| {
            close(tx, &closing)?;
            tx.record(&audit)
        })
        .await
    }

    async fn approve_scope_request(&self, closing: Closing, change: CredentialChange) -> Result<Credential> {
        self.write(move |tx| {
            close(tx, &closing)?;
            let stored = credentials::update(tx, &change)?;
            oauth::follow(tx, &change)?;
            Ok(stored)
        })
        .await
    }

    async fn overdue_scope_requests(&self, now: Timestamp, limit: u32) -> Result<Vec<NamedRequest>> {
        self.look_up(move |connection| {
            let condition = " WHERE r.status = 'open' AND r.expires_at <= ?1 ORDER BY r.expires_at LIMIT ?2";
            connection
                .prepare_cached(&[SELECT, condition].concat())?
                .query_and_then((now.as_millis(), limit), read)?
                .collect()
        })
        .await
    }
}
