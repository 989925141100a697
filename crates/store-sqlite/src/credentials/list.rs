//! The list of credentials that a reader may see. What they may not see is left out by the statement itself, so
//! that no count and no page tells that it is there.

use flero_model::credential::Credential;
use flero_store::{Page, PageRequest, credentials::CredentialFilter};
use rusqlite::{Connection, ToSql, named_params};

use super::row;
use crate::{
    convert::to_json,
    error::Outcome,
    page::{Key, List, Window},
};

/// The two ways to be seen are two indexes; each row comes by one of them.
const SEEN: &str = "((c.scope = 'organization' AND c.organization_id = :organization)
      OR (c.scope = 'workspace' AND c.workspace_id = :workspace)
      OR (c.scope = 'personal' AND c.workspace_id = :workspace AND c.owner_id = :reader))
     AND (:scope IS NULL OR c.scope = :scope)
     AND (:status IS NULL OR :status =
          CASE WHEN c.status IN ('active', 'failing') AND c.ends_at <= :now THEN 'expired' ELSE c.status END)
     AND (:text IS NULL OR instr(c.search, :text) > 0)
     AND (:kinds IS NULL OR c.auth_type IN (SELECT value FROM json_each(:kinds)))";

/// A page of the list.
pub(super) fn list(
    connection: &Connection,
    filter: &CredentialFilter,
    page: &PageRequest,
) -> Outcome<Page<Credential>> {
    let window = Window::new(List::Credentials, page)?;
    let kinds = if filter.auth_types.is_empty() { None } else { Some(to_json(&filter.auth_types)?) };
    let scope = filter.scope.map(|scope| scope.as_str());
    let status = filter.status.map(|status| status.as_str());
    let now = filter.now.as_millis();
    let text = filter.text.as_deref().map(str::to_lowercase);
    let facts: &[(&str, &dyn ToSql)] = named_params! {
        ":organization": filter.organization.as_bytes(),
        ":workspace": filter.workspace.as_bytes(),
        ":reader": filter.reader.as_bytes(),
        ":scope": scope,
        ":status": status,
        ":now": now,
        ":text": text,
        ":kinds": kinds,
    };
    let rows = window.rows();
    let place: &[(&str, &dyn ToSql)] =
        named_params! { ":number": window.after.number, ":id": window.after.id, ":rows": rows };
    let items = connection
        .prepare_cached(&format!(
            "SELECT {} FROM credential AS c WHERE {SEEN} AND (c.created_at, c.id) < (:number, :id)
             ORDER BY c.created_at DESC, c.id DESC LIMIT :rows",
            row::COLUMNS
        ))?
        .query_and_then([facts, place].concat().as_slice(), row::read)?
        .collect::<Outcome<Vec<_>>>()?;
    let total = connection
        .prepare_cached(&format!("SELECT count(*) FROM credential AS c WHERE {SEEN}"))?
        .query_row(facts, |row| row.get(0))?;
    Ok(window.page(items, total, |credential| Key {
        number: credential.created_at.as_millis(),
        id: *credential.id.as_bytes(),
    }))
}
