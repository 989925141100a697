//! The head of each audit chain, in memory: reading it from the database for each record would double the work.
//!
//! The memory is right only while this connection is the one that writes, so it is forgotten whenever another
//! process has written and whenever a transaction was rolled back.

use std::collections::{HashMap, HashSet};

use flero_model::WorkspaceId;
use flero_store::{Error, Result, chain};
use rusqlite::{Connection, OptionalExtension};

use crate::{
    convert::{count, signed},
    error::{Outcome, translate},
};

/// The last place of a chain and its hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    sequence: u64,
    hash: [u8; 32],
}

/// The heads that are known, and what the running job changed.
#[derive(Debug, Default)]
pub(super) struct Heads {
    known: HashMap<WorkspaceId, Head>,
    /// Heads that this transaction moved and that are still to be stored.
    moved: HashSet<WorkspaceId>,
    /// What the running job found, to be put back if it fails.
    before: Vec<(WorkspaceId, Head)>,
    /// SQLite's counter of commits by other connections.
    data_version: Option<i64>,
}

impl Heads {
    /// Places a record behind its chain's head and moves the head; returns its place and hash.
    pub(super) fn advance(
        &mut self,
        connection: &Connection,
        workspace: WorkspaceId,
        canonical: &[u8],
    ) -> Outcome<(u64, [u8; 32])> {
        let head = match self.known.get(&workspace) {
            Some(head) => *head,
            None => read(connection, workspace)?,
        };
        let sequence = head.sequence + 1;
        let hash = chain::next(&head.hash, sequence, canonical);
        self.before.push((workspace, head));
        self.known.insert(workspace, Head { sequence, hash });
        Ok((sequence, hash))
    }

    /// The running job succeeded.
    pub(super) fn keep(&mut self) {
        self.moved.extend(self.before.drain(..).map(|(workspace, _)| workspace));
    }

    /// The running job failed: its records are undone.
    pub(super) fn undo(&mut self) {
        while let Some((workspace, head)) = self.before.pop() {
            self.known.insert(workspace, head);
        }
    }

    /// Forgets everything, because the database may hold something else now.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.moved.clear();
        self.before.clear();
    }

    /// Forgets everything if another connection has written since the last transaction. To be called inside one.
    pub(super) fn notice_others(&mut self, connection: &Connection) -> Result<()> {
        let version = connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(|error| translate(&error))?;
        if self.data_version != Some(version) {
            self.forget();
            self.data_version = Some(version);
        }
        Ok(())
    }

    /// Writes the heads that this transaction moved beside the records.
    pub(super) fn store(&mut self, connection: &Connection) -> Result<()> {
        for workspace in self.moved.drain() {
            let Some(head) = self.known.get(&workspace) else {
                return Err(Error::Corrupt { what: "the head of an audit chain" });
            };
            connection
                .prepare_cached(
                    "INSERT INTO audit_head (workspace_id, sequence, hash) VALUES (?1, ?2, ?3)
                     ON CONFLICT (workspace_id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
                )
                .and_then(|mut statement| {
                    statement.execute((workspace.as_bytes(), signed(head.sequence), head.hash))
                })
                .map_err(|error| translate(&error))?;
        }
        Ok(())
    }
}

fn read(connection: &Connection, workspace: WorkspaceId) -> Outcome<Head> {
    let head = connection
        .prepare_cached("SELECT sequence, hash FROM audit_head WHERE workspace_id = ?1")?
        .query_row([workspace.as_bytes()], |row| Ok(Head { sequence: count(row, 0)?, hash: row.get(1)? }))
        .optional()?;
    Ok(head.unwrap_or(Head { sequence: 0, hash: chain::GENESIS }))
}
