//! `flero connector lint`: whether a connector's folder is as the format asks, without an installation.

use std::path::Path;

use flero_openapi::lint::lint;
use serde_json::json;

use super::folder;
use crate::exit::{Failure, say};

/// Prints a line per finding, as compilers do, or that there is none. Exit code 1 when there are any.
pub(super) fn run(path: &Path, as_json: bool) -> Result<(), Failure> {
    let read = folder::read(path)?;
    let linted = lint(&read.id, &read.files);
    let count = |of: fn(&flero_openapi::Compiled) -> usize| linted.compiled.as_ref().map_or(0, of);
    let (operations, events) = (
        count(|compiled| compiled.connector.operations.len()),
        count(|compiled| compiled.connector.triggers.len()),
    );
    if as_json {
        let told = json!({"id": read.id, "ok": linted.findings.is_empty(), "operations": operations,
            "events": events, "findings": linted.findings});
        say(&told.to_string())?;
    } else {
        for found in &linted.findings {
            let file = path.join(&found.file);
            let place = if found.pointer.is_empty() { String::new() } else { format!(" {}", found.pointer) };
            say(&format!("{}:{}: [{}]{place} {}", file.display(), found.line, found.rule, found.message))?;
        }
        if linted.findings.is_empty() {
            say(&format!("{}: fine, {operations} operations, {events} events", read.id))?;
        }
    }
    if linted.findings.is_empty() { Ok(()) } else { Err(Failure::told()) }
}
