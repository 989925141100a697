//! Where a credential is used.

use flero_model::{CredentialId, WorkflowId};
use flero_store::credentials::CredentialUse;
use rusqlite::Connection;

use crate::{convert::id, error::Outcome};

/// One entry for each workflow whose current or active version refers to the credential.
pub(super) fn usage(connection: &Connection, credential: CredentialId) -> Outcome<Vec<CredentialUse>> {
    let mut statement = connection.prepare_cached(
        "SELECT w.id, w.workspace_id, w.name, r.node, r.version = w.active_version
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
        match uses.last_mut().filter(|last| last.workflow == workflow) {
            Some(last) => {
                last.active |= active;
                if last.nodes.last() != Some(&node) {
                    last.nodes.push(node);
                }
            }
            None => uses.push(CredentialUse {
                workflow,
                workspace: id(row, 1)?,
                workflow_name: row.get(2)?,
                active,
                nodes: vec![node],
            }),
        }
    }
    Ok(uses)
}
