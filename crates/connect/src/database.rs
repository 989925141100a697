//! The door to databases: the same decision, guard, audit and scrubber as for HTTP, over the database's own protocol.
//!
//! A statement is text that a person wrote and never has values in it: values are bound by the server. Where the
//! connection goes is a part of the credential's policy; the address that the guard checked is the one that is
//! connected to, and the name in the certificate is that of the policy.

use std::{fmt, io, sync::Arc, time::Duration};

use flero_model::{
    credential::{AuthType, Policy},
    database::Engine,
    destination::{Destination, Scheme},
};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    account,
    auth::{Document, certificate},
    dial::Dialer,
    error::Kind,
    limited,
    scrub::Scrubber,
};

mod mysql;
mod postgres;
mod tls;
mod value;

/// One statement with its values.
#[derive(Clone)]
pub struct Statement {
    /// The text, with `$1`, `$2`, ... where values belong in PostgreSQL, and `?` in MySQL.
    pub sql: String,
    /// The values, in their order.
    pub values: Vec<Value>,
    /// The most rows that are taken.
    pub max_rows: usize,
    /// The most bytes that are read from the server.
    pub max_bytes: usize,
    /// How long everything may take.
    pub timeout: Duration,
}

impl fmt::Debug for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Statement({} values)", self.values.len())
    }
}

/// Rows in the order of the server.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// Each row as an object by column name. Of columns of the same name the last counts.
    pub rows: Vec<Value>,
    /// How many rows the statement changed, or gave.
    pub affected: u64,
    /// Whether there were more rows than are taken.
    pub is_truncated: bool,
    /// The number that MySQL gave to the first new row (`LAST_INSERT_ID`); PostgreSQL has `RETURNING` for it.
    pub inserted: Option<u64>,
}

/// What a server says is wrong with a statement or a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// The SQLSTATE (ISO/IEC 9075), five letters and digits.
    pub state: String,
    /// The server's own words, scrubbed.
    pub message: String,
}

impl SqlError {
    /// Class 28: the server refused who asks (ISO/IEC 9075, "invalid authorization specification").
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.state.starts_with("28")
    }
}

/// Why a statement gave no rows.
pub(crate) type Fault = account::Fault<SqlError>;

/// A database account, opened for one use.
pub(crate) struct Account {
    pub(crate) engine: Engine,
    pub(crate) database: String,
    pub(crate) user: String,
    pub(crate) password: Zeroizing<String>,
    /// The only authorities of the server's certificate, where the credential names them.
    pub(crate) identity: Option<Arc<certificate::Identity>>,
}

impl account::Account for Account {
    type Work = Statement;
    type Answer = Rows;
    type Refusal = SqlError;

    const AUTH_TYPE: AuthType = AuthType::Database;
    const NEEDED: Kind = Kind::DatabaseCredentialNeeded;

    fn destination(policy: &Policy) -> Option<Destination> {
        let text = |name: &str| policy.parameters.get(name).and_then(Value::as_str);
        // A credential for an engine that is not spoken leads nowhere.
        let engine = engine(policy)?;
        let scheme = if text("tls") == Some("disable") { Scheme::Http } else { Scheme::Https };
        account::server(policy, scheme, engine.default_port())
    }

    fn read(policy: &Policy, document: &Document) -> Result<Self, Kind> {
        Ok(Self {
            engine: engine(policy).ok_or(Kind::CredentialMalformed)?,
            database: account::text(policy, "database")?.to_owned(),
            user: account::text(policy, "user")?.to_owned(),
            password: Zeroizing::new(document.text("password")?.to_owned()),
            identity: account::authorities(policy)?,
        })
    }

    async fn ask(
        &self,
        dialer: &Dialer,
        destination: &Destination,
        statement: &Statement,
    ) -> Result<Rows, Fault> {
        match self.engine {
            Engine::Postgresql => postgres::run(dialer, self, destination, statement).await,
            Engine::Mysql => mysql::run(dialer, self, destination, statement).await,
        }
    }

    fn clean(scrubber: &Scrubber, rows: Rows) -> Result<Rows, Kind> {
        Ok(Rows { rows: account::clean(scrubber, rows.rows)?, ..rows })
    }

    fn clean_refusal(scrubber: &Scrubber, error: SqlError) -> SqlError {
        SqlError { message: account::clean_text(scrubber, &error.message), ..error }
    }

    fn is_refused(error: &SqlError) -> bool {
        error.is_refusal()
    }
}

fn engine(policy: &Policy) -> Option<Engine> {
    policy.parameters.get("engine").and_then(Value::as_str).and_then(Engine::of)
}

/// What an error of a connection means.
fn io_kind(error: &io::Error) -> Kind {
    limited::io_kind(error, Kind::DatabaseTooLarge)
}
