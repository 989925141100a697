//! `flero connector import`: a document, a Postman collection or a cURL command becomes a connector of the running
//! Flero.

use std::path::Path;

use http::Method;
use serde_json::json;

use super::{remote::Running, source};
use crate::{
    cli::Remote,
    exit::{Failure, say},
};

/// Imports it and prints what became of it as JSON.
pub(super) async fn run(path: &Path, curl: bool, remote: &Remote) -> Result<(), Failure> {
    let running = Running::of(remote)?;
    let bytes = source::bytes(path)?;
    let (kind, body) = if curl {
        let command = String::from_utf8(bytes).map_err(|_| Failure::work("a cURL command is text"))?;
        ("application/json", json!({ "curl": command }).to_string().into_bytes())
    } else {
        ("application/yaml", bytes)
    };
    let told = running.json(Method::POST, "/api/connectors/import", kind, body.into()).await?;
    say(&told.to_string())
}
