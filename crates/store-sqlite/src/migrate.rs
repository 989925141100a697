//! The schema, in numbered steps that only go forward. Each step is one transaction; a PostgreSQL adapter has a
//! step of the same number and name for each.

use aws_lc_rs::digest;
use flero_store::{Error, Result};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::error::{Fault, Outcome};

/// One step of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Its number, from 1, without gaps.
    pub number: u32,
    /// Its name.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

macro_rules! embedded {
    ($($step:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: digits($step),
            name: $name,
            sql: include_str!(concat!("../migrations/", $step, "_", $name, ".sql")),
        }),*]
    };
}

const MIGRATIONS: &[Migration] = embedded![
    "0001" "people",
    "0002" "vault",
    "0003" "credentials",
    "0004" "workflows",
    "0005" "executions",
    "0006" "audit",
    "0007" "sessions",
    "0008" "kept_webhook_paths",
    "0009" "audit_checkpoints",
    "0010" "oauth",
    "0011" "connectors",
    "0012" "mfa",
    "0013" "events",
    "0014" "oauth_apps",
    "0015" "marketplace",
    "0016" "lifecycle",
    "0017" "notifications",
    "0018" "scope_requests",
    "0019" "archive_and_deactivate",
    "0020" "openid",
    "0021" "scim",
    "0022" "lost_answers",
    "0023" "polls_go_on",
    "0024" "invites_by_sign_up",
];

/// The number that decimal digits say.
const fn digits(text: &str) -> u32 {
    match u32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => 0,
    }
}

/// The newest schema version that this program knows.
pub const SCHEMA_VERSION: u32 = MIGRATIONS[MIGRATIONS.len() - 1].number;

/// Marks a database file as Flero's: `FLRO` in ASCII (<https://sqlite.org/pragma.html#pragma_application_id>).
pub(crate) const APPLICATION_ID: i64 = 0x464c_524f;

/// Every step that this program knows, oldest first.
#[must_use]
pub const fn migrations() -> &'static [Migration] {
    MIGRATIONS
}

impl Migration {
    /// SHA-256 of the statements: a step that was applied must never be edited.
    fn checksum(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.sql.as_bytes()).as_ref().to_vec()
    }
}

/// Brings a database to [`SCHEMA_VERSION`].
///
/// # Errors
/// [`Error::NewerSchema`] when it is newer; [`Error::Refused`] when a step that was applied differs from the one
/// in this program; [`Error::Corrupt`] when the file is a database of something else.
pub(crate) fn migrate(connection: &mut Connection) -> Result<()> {
    // Two processes may start at once: the look and the change are in one transaction, for each step.
    while apply_next(connection).map_err(Error::from)? {}
    Ok(())
}

/// Applies the first missing step; `false` when there is none.
fn apply_next(connection: &mut Connection) -> Outcome<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let applied = check(&transaction)?;
    let Some(step) = MIGRATIONS.iter().find(|step| step.number > applied) else {
        return Ok(false);
    };
    if applied == 0 {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.execute_batch(
            "CREATE TABLE schema_migration (
                number INTEGER PRIMARY KEY NOT NULL,
                name TEXT NOT NULL,
                checksum BLOB NOT NULL
            ) STRICT;",
        )?;
    }
    transaction.execute_batch(step.sql)?;
    transaction.execute(
        "INSERT INTO schema_migration (number, name, checksum) VALUES (?1, ?2, ?3)",
        (step.number, step.name, step.checksum()),
    )?;
    transaction.commit()?;
    Ok(true)
}

/// The newest applied step, 0 for an empty file, after a check of all of them.
pub(crate) fn check(connection: &Connection) -> Outcome<u32> {
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let is_empty =
        connection.query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(())).optional()?.is_none();
    if is_empty {
        return Ok(0);
    }
    if application != APPLICATION_ID {
        return Err(Fault::Port(Error::Corrupt { what: "the database file: it is not one of Flero" }));
    }
    let mut statement =
        connection.prepare("SELECT number, checksum FROM schema_migration ORDER BY number")?;
    let applied: Vec<(u32, Vec<u8>)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let newest = applied.last().map_or(0, |(number, _)| *number);
    if newest > SCHEMA_VERSION {
        return Err(Fault::Port(Error::NewerSchema { found: newest, known: SCHEMA_VERSION }));
    }
    for (place, (number, checksum)) in applied.iter().enumerate() {
        if MIGRATIONS.get(place).is_none_or(|step| step.number != *number || step.checksum() != *checksum) {
            let rule =
                "a schema step that was applied differs from this program's; run the Flero that made it";
            return Err(Fault::Port(Error::Refused { rule }));
        }
    }
    Ok(newest)
}
