//! The list of a workspace's runs.

use flero_model::WorkspaceId;
use flero_store::{
    Page, PageRequest,
    executions::{Execution, ExecutionFilter},
};
use rusqlite::{Connection, ToSql, named_params};

use super::row::{self, status_number, trigger_number};
use crate::{
    convert::millis,
    error::Outcome,
    only::Only,
    page::{Key, List, Window},
};

/// A page of the list, newest first.
pub(super) fn list(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &ExecutionFilter,
    page: &PageRequest,
) -> Outcome<Page<Execution>> {
    let window = Window::new(List::Executions, page)?;
    let mut wanted = String::from("e.workspace_id = :workspace");
    let status = filter.status.map(status_number);
    let workflow = filter.workflow.map(|workflow| *workflow.as_bytes());
    let mut facts: Vec<(&str, &dyn ToSql)> = vec![(":workspace", workspace.as_bytes())];
    if let Some(status) = &status {
        wanted.push_str(" AND e.status = :status");
        facts.push((":status", status));
    }
    if let Some(workflow) = &workflow {
        wanted.push_str(" AND e.workflow_id = :workflow");
        facts.push((":workflow", workflow));
    }
    let trigger = filter.trigger.map(trigger_number);
    if let Some(trigger) = &trigger {
        wanted.push_str(" AND e.trigger_kind = :trigger");
        facts.push((":trigger", trigger));
    }
    let (since, until) = (millis(filter.since), millis(filter.until));
    if let Some(since) = &since {
        wanted.push_str(" AND e.created_at >= :since");
        facts.push((":since", since));
    }
    if let Some(until) = &until {
        wanted.push_str(" AND e.created_at < :until");
        facts.push((":until", until));
    }
    let only = Only::these(filter.only.as_deref());
    wanted.push_str(&only.clause("e.workflow_id"));
    facts.extend(only.facts());
    let rows = window.rows();
    let place: &[(&str, &dyn ToSql)] =
        named_params! { ":number": window.after.number, ":id": window.after.id, ":rows": rows };
    let items = connection
        .prepare(&format!(
            "SELECT {} FROM execution AS e WHERE {wanted} AND (e.created_at, e.id) < (:number, :id)
             ORDER BY e.created_at DESC, e.id DESC LIMIT :rows",
            row::COLUMNS
        ))?
        .query_and_then([facts.as_slice(), place].concat().as_slice(), row::read)?
        .collect::<Outcome<Vec<_>>>()?;
    let total = connection
        .prepare(&format!("SELECT count(*) FROM execution AS e WHERE {wanted}"))?
        .query_row(facts.as_slice(), |row| row.get(0))?;
    Ok(window.page(items, total, |run| Key { number: run.created_at.as_millis(), id: *run.id.as_bytes() }))
}
