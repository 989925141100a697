//! Writes what is generated from the code: the OpenAPI document that clients and the web interface are made from.

use std::time::Duration;

use anyhow::Result;

use crate::command::{command, show};

/// Lets the snapshot test of the API write `crates/api/openapi.json` instead of comparing it.
///
/// # Errors
/// When cargo cannot be started. Without a snapshot test there is nothing to write, and the command fails.
pub(crate) fn run() -> Result<bool> {
    let args = ["nextest", "run", "--package", "flero-api", "-E", "test(openapi)"];
    let mut bless = command("cargo", &args);
    bless.env("FLERO_BLESS", "1");
    let (status, _) = show(bless, Duration::from_mins(30))?;
    if !status.success() {
        eprintln!("error: no test with `openapi` in its name wrote the document");
    }
    Ok(status.success())
}
