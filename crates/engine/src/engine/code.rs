//! Code nodes: the source runs in the sandbox, never here.

use std::time::Duration;

use serde_json::Value;

use super::{
    Engine,
    drive::{Effected, Facts},
};
use crate::{
    failure::{Class, Failure},
    run::EffectResult,
};

impl Engine {
    pub(super) async fn run_code(
        &self,
        facts: &Facts,
        source: &str,
        input: &Value,
        timeout_ms: u64,
    ) -> Effected {
        let Some(sandbox) = &self.0.sandbox else {
            let message = "Code nodes cannot run here: the sandbox did not start. Run `flero doctor`.";
            return Err(Failure::new("code.unavailable", message));
        };
        let workspace = facts.workspace.to_string();
        match sandbox.run(&workspace, source, input, Duration::from_millis(timeout_ms)).await {
            Ok(output) => Ok(EffectResult::Value { output: output.value.into(), logs: output.logs }),
            Err(error) => Err(failure(error)),
        }
    }
}

fn failure(error: flero_sandbox::Error) -> Failure {
    use flero_sandbox::Error;
    let message = sentence(&error.to_string());
    let code = match &error {
        Error::Code { .. } => "code.error",
        Error::Timeout(_) => "code.timeout",
        Error::Crashed { .. } => "code.crashed",
        Error::Violation => "code.violation",
        Error::TooLarge { .. } => "code.too_large",
        Error::Protocol => "code.protocol",
        Error::Busy(_) => "code.busy",
        Error::Start(_) => "code.unavailable",
    };
    let mut failure = Failure::new(code, message);
    match error {
        Error::Code { logs, .. } => {
            failure.logs = logs;
            failure.retryable = true;
        }
        Error::TooLarge { .. } => failure.class = Class::Validation,
        Error::Violation => {}
        _ => failure.retryable = true,
    }
    failure
}

/// A message as a sentence of its own.
pub(super) fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}{}", chars.as_str(), if message.ends_with('.') { "" } else { "." })
}
