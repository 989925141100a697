//! `flero run FILE`: a workflow file, run as the owner of the data folder.

use std::time::Duration;

use flero_model::json as strict_json;
use serde_json::{Value, json};

use super::bootstrap::told;
use crate::{
    cli::Run,
    config::Config,
    exit::{Failure, say},
    wiring::Installation,
};

/// The largest workflow file, in bytes.
const FILE_LIMIT_BYTES: u64 = 5 << 20;

/// Runs the file to its end, prints the execution, and fails when the execution failed.
pub(crate) async fn run(config: Config, options: Run) -> Result<(), Failure> {
    let document = read(&options)?;
    let input = match &options.input {
        Some(text) => strict_json::parse(text.as_bytes())
            .map_err(|error| Failure::usage(format!("--input is {error}")))?,
        None => json!({}),
    };
    let installation = Installation::open(config)?;
    let keyring = installation.keyring().await?;
    let parts = installation.parts(keyring, "command").await?;
    let outcome = execute(&parts, &document, input).await;
    parts.engine.shutdown(Duration::from_secs(10)).await;
    installation.retire().await;
    let report = outcome?;
    say(&serde_json::to_string_pretty(&report)
        .map_err(|_| Failure::work("the execution cannot be printed."))?)?;
    if report["status"] == "success" { Ok(()) } else { Err(Failure::told()) }
}

fn read(options: &Run) -> Result<Value, Failure> {
    let path = options.file.display();
    let unreadable =
        |error: std::io::Error| Failure::work(format!("the file {path} cannot be read ({}).", error.kind()));
    let size = std::fs::metadata(&options.file).map_err(unreadable)?.len();
    if size > FILE_LIMIT_BYTES {
        return Err(Failure::work(format!("the file {path} is larger than 5 MB; a workflow is not.")));
    }
    let bytes = std::fs::read(&options.file).map_err(unreadable)?;
    strict_json::parse(&bytes).map_err(|error| Failure::work(format!("the file {path} is {error}.")))
}

async fn execute(parts: &crate::wiring::Parts, document: &Value, input: Value) -> Result<Value, Failure> {
    let who = parts.app.local_principal().await.map_err(|error| match error {
        flero_app::Error::NotFound => {
            Failure::start("there is no owner yet; make one with `flero bootstrap`.")
        }
        other => told(other),
    })?;
    let report = parts.app.run_document(&who, document, input).await.map_err(told)?;
    serde_json::to_value(&report).map_err(|_| Failure::work("the execution cannot be printed."))
}
