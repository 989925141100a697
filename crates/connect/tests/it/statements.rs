//! Statements through the door, for the tests of every kind of database.

use std::time::Duration;

use flero_connect::{
    AccountReply, Call, Error, Intent, Rows, SqlError, Statement, call::Credential as Chosen,
};
use flero_model::CredentialId;
use serde_json::Value;

use super::harness::{World, node, principal};

/// A statement with limits that no test reaches unless it sets others.
pub(crate) fn statement(sql: &str, values: Value) -> Statement {
    Statement {
        sql: sql.to_owned(),
        values: values.as_array().cloned().unwrap(),
        max_rows: 1_000,
        max_bytes: 4 << 20,
        timeout: Duration::from_secs(20),
    }
}

/// Carries a statement out with a credential, as a node does.
pub(crate) async fn ask(
    world: &World,
    id: CredentialId,
    statement: Statement,
) -> Result<AccountReply<Rows, SqlError>, Error> {
    let call = Call {
        principal: principal(),
        purpose: node(),
        credential: Chosen::Stored(id),
        intent: Intent::Record,
        request: statement,
    };
    world.door.query(call).await
}

/// The rows that the server gives.
pub(crate) async fn rows(world: &World, id: CredentialId, sql: &str, values: Value) -> Vec<Value> {
    ask(world, id, statement(sql, values)).await.unwrap().answer.unwrap().rows
}

/// The SQLSTATE with which the server refuses.
pub(crate) async fn state(world: &World, id: CredentialId, sql: &str, values: Value) -> String {
    ask(world, id, statement(sql, values)).await.unwrap().answer.unwrap_err().state
}
