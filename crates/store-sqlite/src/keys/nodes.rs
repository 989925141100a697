//! The processes of the installation, as they report themselves.

use flero_model::{NodeInstanceId, SlotId, Timestamp};
use flero_store::keys::LiveNode;
use rusqlite::Connection;

use crate::{
    convert::{count, from_json, id, signed, to_json},
    error::Outcome,
    writer::Tx,
};

/// Notes a report.
pub(super) fn heartbeat(
    tx: &Tx<'_>,
    node: NodeInstanceId,
    kind: &str,
    generation: u64,
    opens: &[SlotId],
    at: Timestamp,
) -> Outcome<()> {
    tx.run(
        "INSERT INTO node_instance (id, kind, generation, opens, reported_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, generation = excluded.generation,
            opens = excluded.opens, reported_at = max(reported_at, excluded.reported_at)",
        (node.as_bytes(), kind, signed(generation), to_json(&opens)?, at.as_millis()),
    )?;
    Ok(())
}

/// Processes that have reported since a time.
pub(super) fn live(connection: &Connection, since: Timestamp) -> Outcome<Vec<LiveNode>> {
    connection
        .prepare_cached(
            "SELECT id, generation, opens FROM node_instance WHERE reported_at >= ?1 ORDER BY id",
        )?
        .query_and_then([since.as_millis()], |row| {
            Ok(LiveNode {
                node: id(row, 0)?,
                generation: count(row, 1)?,
                opens: from_json(row, 2, "a process")?,
            })
        })?
        .collect()
}

/// Forgets a process, or every other one of a kind.
pub(super) fn retire(tx: &Tx<'_>, node: NodeInstanceId, others_of_kind: Option<&str>) -> Outcome<()> {
    match others_of_kind {
        None => tx.run("DELETE FROM node_instance WHERE id = ?1", [node.as_bytes()])?,
        Some(kind) => {
            tx.run("DELETE FROM node_instance WHERE kind = ?2 AND id <> ?1", (node.as_bytes(), kind))?
        }
    };
    Ok(())
}
