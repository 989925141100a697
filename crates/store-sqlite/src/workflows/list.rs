//! The list of a workspace's workflows.

use flero_model::WorkspaceId;
use flero_store::{
    Page, PageRequest,
    workflows::{Workflow, WorkflowFilter},
};
use rusqlite::{Connection, ToSql, named_params};

use super::row;
use crate::{
    error::Outcome,
    only::Only,
    page::{Key, List, Window},
};

/// A page of the list, last changed first.
pub(super) fn list(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &WorkflowFilter,
    page: &PageRequest,
) -> Outcome<Page<Workflow>> {
    let window = Window::new(List::Workflows, page)?;
    let mut wanted = String::from(
        "w.workspace_id = :workspace
         AND CASE WHEN :status IS NULL THEN w.status <> 'archived' ELSE w.status = :status END
         AND (:text IS NULL OR instr(w.search, :text) > 0)",
    );
    let status = filter.status.map(|status| status.as_str());
    let text = filter.text.as_deref().map(str::to_lowercase);
    let only = Only::these(filter.only.as_deref());
    wanted.push_str(&only.clause("w.id"));
    let mut facts: Vec<(&str, &dyn ToSql)> =
        vec![(":workspace", workspace.as_bytes()), (":status", &status), (":text", &text)];
    facts.extend(only.facts());
    let rows = window.rows();
    let place: &[(&str, &dyn ToSql)] =
        named_params! { ":number": window.after.number, ":id": window.after.id, ":rows": rows };
    let items = connection
        .prepare(&format!(
            "SELECT {} FROM workflow AS w WHERE {wanted} AND (w.updated_at, w.id) < (:number, :id)
             ORDER BY w.updated_at DESC, w.id DESC LIMIT :rows",
            row::COLUMNS
        ))?
        .query_and_then([facts.as_slice(), place].concat().as_slice(), row::read)?
        .collect::<Outcome<Vec<_>>>()?;
    let total = connection
        .prepare(&format!("SELECT count(*) FROM workflow AS w WHERE {wanted}"))?
        .query_row(facts.as_slice(), |row| row.get(0))?;
    Ok(window.page(items, total, |workflow| Key {
        number: workflow.updated_at.as_millis(),
        id: *workflow.id.as_bytes(),
    }))
}
