//! Testing the credential of a database: a statement that asks who one is.

use flero_connect::{Call, Intent, Purpose, Statement, call::Credential as Used};
use flero_model::{credential::Policy, database::Engine, policy::Principal};
use serde_json::Value;

use super::{TIMEOUT, TestResult, Verdict, described::shown, failed};
use crate::App;

impl App {
    pub(super) async fn test_database(
        &self,
        who: &Principal,
        policy: &Policy,
        credential: Used,
    ) -> TestResult {
        let engine = policy.parameters.get("engine").and_then(Value::as_str).and_then(Engine::of);
        let statement = Statement {
            // Of an engine that is not spoken, the door says so.
            sql: engine.unwrap_or(Engine::Postgresql).identity().to_owned(),
            values: Vec::new(),
            max_rows: 1,
            max_bytes: 1 << 16,
            timeout: TIMEOUT,
        };
        let call = Call {
            principal: who.clone(),
            purpose: Purpose::Test,
            credential,
            intent: Intent::Record,
            request: statement,
        };
        let reply = match self.0.connect.query(call).await {
            Ok(reply) => reply,
            Err(error) => return failed(&error),
        };
        let latency = u64::try_from(reply.elapsed.as_millis()).ok();
        match reply.answer {
            Ok(rows) => {
                let account = rows.rows.first().and_then(|row| shown(row.pointer("/account")?));
                let message = "The database took the password.";
                TestResult { account, ..TestResult::new(Verdict::Accepted, latency, message) }
            }
            Err(error) if error.is_refusal() => {
                let message = format!("The database refused the user or the password ({}).", error.state);
                TestResult::new(Verdict::Refused, latency, message)
            }
            Err(error) => {
                let message =
                    format!("The database answered with an error ({}): {}", error.state, error.message);
                TestResult::new(Verdict::Unverified, latency, message)
            }
        }
    }
}
