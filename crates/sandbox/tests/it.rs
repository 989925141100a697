//! The sandbox with real children: results, limits, isolation, and what is left to an attacker.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::panic, reason = "a helper of a test may fail like the test itself")]

#[path = "it/escapes.rs"]
mod escapes;
#[path = "it/hostile.rs"]
mod hostile;
#[path = "it/isolation.rs"]
mod isolation;
#[path = "it/limits.rs"]
mod limits;
#[path = "it/process.rs"]
mod process;
#[path = "it/results.rs"]
mod results;

use std::path::PathBuf;
use std::time::Duration;

use flero_sandbox::{Error, Output, Sandbox, SandboxConfig};
use serde_json::Value;

/// The child program that cargo built for these tests.
const CHILD: &str = env!("CARGO_BIN_EXE_flero-sandbox-child");

/// Long enough for any machine; a test that waits for a timeout uses a shorter one.
const TIME: Duration = Duration::from_secs(20);

/// A configuration for tests.
fn config() -> SandboxConfig {
    SandboxConfig::new(PathBuf::from(CHILD), vec!["sandbox-child".into()])
}

fn sandbox() -> Sandbox {
    Sandbox::new(config()).expect("a sandbox")
}

/// Runs code without input in one workspace.
async fn run(sandbox: &Sandbox, source: &str) -> Result<Output, Error> {
    sandbox.run("ws_one", source, &Value::Null, TIME).await
}

/// The value of code that works.
async fn value(sandbox: &Sandbox, source: &str) -> Value {
    match run(sandbox, source).await {
        Ok(output) => output.value,
        Err(error) => panic!("{source}: {error}"),
    }
}

/// Name, message and line of code that throws.
async fn thrown(sandbox: &Sandbox, source: &str) -> (String, String, Option<u32>) {
    match run(sandbox, source).await {
        Err(Error::Code { name, message, line, .. }) => (name, message, line),
        other => panic!("{source}: {other:?}"),
    }
}
