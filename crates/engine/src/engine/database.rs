//! Database nodes: the statement goes through the door, the rows come back as the node's output.

use std::{sync::Arc, time::Duration};

use flero_connect::{
    Call, Intent, Purpose, RecordedIntent, Rows, SqlError, Statement, UseOutcome, call::Credential,
};
use flero_model::{CredentialId, database};
use flero_openapi::{connector::Operation, statement};
use serde_json::{Map, Value, json};

use super::{
    Engine, connectors,
    drive::{Effected, Facts},
    http::{Caller, MAX_DEPTH, is_shallow, refusal},
};
use crate::{
    failure::{Class, Failure},
    run::{EffectResult, Ticket},
};

/// The most rows that an operation of a connector gives.
const MAX_ROWS: usize = 10_000;

/// The most bytes that it gives.
const MAX_ANSWER_BYTES: usize = 50 << 20;

impl Engine {
    pub(super) async fn query_database(
        &self,
        facts: &Facts,
        ticket: Ticket,
        node: &str,
        statement: Statement,
        credential: CredentialId,
    ) -> (Effected, Option<UseOutcome>) {
        let purpose = Purpose::Node {
            workflow: facts.workflow.id,
            execution: facts.id,
            node: node.to_owned(),
            attempt: ticket.attempt,
        };
        self.query(facts, purpose, statement, credential).await
    }

    /// Carries out an operation of a database's connector: its statement with the inputs bound to it.
    pub(super) async fn call_statement(
        &self,
        caller: &Caller<'_>,
        engine: database::Engine,
        operation: &Operation,
        inputs: &Map<String, Value>,
        timeout_ms: u64,
    ) -> (Effected, Option<UseOutcome>) {
        let template = operation.hints.statement.as_deref().unwrap_or_default();
        let prepared = match statement::prepare(engine, template, inputs) {
            Ok(prepared) => prepared,
            Err(fault) => return (Err(connectors::invalid(&[fault])), None),
        };
        let Some(credential) = caller.credential else {
            let message = "Choose a credential of the type database; it says where the database is.";
            return (Err(Failure::new("node.credential_required", message)), None);
        };
        let statement = Statement {
            sql: prepared.sql,
            values: prepared.values,
            max_rows: MAX_ROWS,
            max_bytes: MAX_ANSWER_BYTES,
            timeout: Duration::from_millis(timeout_ms),
        };
        self.query(caller.facts, caller.purpose.clone(), statement, credential).await
    }

    async fn query(
        &self,
        facts: &Facts,
        purpose: Purpose,
        statement: Statement,
        credential: CredentialId,
    ) -> (Effected, Option<UseOutcome>) {
        let principal = match self.principal(facts).await {
            Ok(principal) => principal,
            Err(error) => {
                let message = format!("The rights of the run could not be read: {error}.");
                return (Err(Failure::new("store.unavailable", message).retryable()), None);
            }
        };
        let call = Call {
            principal,
            purpose,
            credential: Credential::Stored(credential),
            // The intent row was committed with the step that began it.
            intent: Intent::Recorded(RecordedIntent::committed(credential)),
            request: statement,
        };
        match self.0.connect.query(call).await {
            Ok(reply) => {
                let result = match reply.answer {
                    Ok(rows) => output(told(rows)),
                    Err(error) => Err(refused(&error)),
                };
                (result, reply.used)
            }
            Err(mut error) => {
                let used = error.used.take().map(|used| *used);
                (Err(refusal(&error)), used)
            }
        }
    }
}

/// The rows as a node's output.
fn told(rows: Rows) -> Value {
    let mut told = json!({"rows": rows.rows, "rowCount": rows.affected, "truncated": rows.is_truncated});
    if let (Some(id), Some(members)) = (rows.inserted, told.as_object_mut()) {
        members.insert("insertId".to_owned(), json!(id));
    }
    told
}

fn output(value: Value) -> Effected {
    if !is_shallow(&value, MAX_DEPTH) {
        return Err(Failure::new(
            "database.too_large",
            "A JSON value in a row is nested too deeply; cast it to text.",
        ));
    }
    Ok(EffectResult::Value { output: Arc::new(value), logs: Vec::new() })
}

/// What the server says is wrong, as a failure. Some states pass by themselves (PostgreSQL, "Error Codes"): a
/// serialization failure, a deadlock, a server that starts or has no connection left (08004 is MySQL's).
fn refused(error: &SqlError) -> Failure {
    let message = format!("The database refused the statement ({}): {}", error.state, error.message);
    let mut failure = Failure::new("database.refused", message);
    failure.class = if error.is_refusal() { Class::Authentication } else { Class::Validation };
    failure.retryable = matches!(error.state.as_str(), "40001" | "40P01" | "57P03" | "53300" | "08004");
    if error.state == "57014" {
        failure.class = Class::Timeout;
    }
    failure
}
