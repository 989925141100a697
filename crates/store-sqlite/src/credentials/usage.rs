//! Where a credential is used.

use flero_model::{CredentialId, ExecutionId, WorkflowId, WorkspaceId};
use flero_store::credentials::CredentialUse;
use rusqlite::{Connection, ToSql, named_params};

use crate::{
    convert::{count, id},
    error::Outcome,
    only::Only,
};

/// The last runs of a workspace that used the credential. The join goes from the credential's rows, which are in the
/// order that is asked for, to each run by its key (`CROSS JOIN` keeps SQLite from turning it around).
pub(super) fn executions(
    connection: &Connection,
    credential: CredentialId,
    workspace: WorkspaceId,
    only: Option<&[WorkflowId]>,
    limit: u32,
) -> Outcome<Vec<ExecutionId>> {
    let only = Only::these(only);
    let clause = only.clause("e.workflow_id");
    let mut facts: Vec<(&str, &dyn ToSql)> = only.facts().collect();
    let (credential, workspace) = (credential.as_bytes(), workspace.as_bytes());
    facts.extend_from_slice(
        named_params! { ":credential": credential, ":workspace": workspace, ":limit": limit },
    );
    connection
        .prepare(&format!(
            "SELECT c.execution_id FROM credential_execution AS c
             CROSS JOIN execution AS e ON e.id = c.execution_id
             WHERE c.credential_id = :credential AND e.workspace_id = :workspace{clause}
             ORDER BY c.execution_id DESC LIMIT :limit"
        ))?
        .query_and_then(facts.as_slice(), |row| Ok(id(row, 0)?))?
        .collect()
}

/// One entry for each workflow whose current or active version refers to the credential.
pub(super) fn usage(connection: &Connection, credential: CredentialId) -> Outcome<Vec<CredentialUse>> {
    let mut statement = connection.prepare_cached(
        "SELECT w.id, w.workspace_id, w.name, r.node, r.version = w.active_version, r.version
         FROM workflow_reference AS r JOIN workflow AS w ON w.id = r.workflow_id
         WHERE r.credential_id = ?1 AND (r.version = w.version OR r.version = w.active_version)
         ORDER BY w.id, r.node",
    )?;
    let mut rows = statement.query([credential.as_bytes()])?;
    let mut uses: Vec<CredentialUse> = Vec::new();
    while let Some(row) = rows.next()? {
        let workflow: WorkflowId = id(row, 0)?;
        let node: String = row.get(3)?;
        let active = row.get::<_, Option<bool>>(4)?.unwrap_or(false);
        let version = count(row, 5)?;
        match uses.last_mut().filter(|last| last.workflow == workflow) {
            Some(last) => {
                last.active |= active;
                if let Err(place) = last.versions.binary_search(&version) {
                    last.versions.insert(place, version);
                }
                if last.nodes.last() != Some(&node) {
                    last.nodes.push(node);
                }
            }
            None => uses.push(CredentialUse {
                workflow,
                workspace: id(row, 1)?,
                workflow_name: row.get(2)?,
                active,
                versions: vec![version],
                nodes: vec![node],
            }),
        }
    }
    Ok(uses)
}
