//! `flero connector lint`: whether a connector's folder is as the format asks, without an installation.

use std::path::Path;

use flero_openapi::lint::lint;

use super::folder;
use crate::exit::{Failure, say};

/// Prints a line per finding, as compilers do. Exit code 1 when there are any.
pub(super) fn run(path: &Path) -> Result<(), Failure> {
    let folder::Folder { id, files } = folder::read(path)?;
    let findings = lint(&id, &files).findings;
    for found in &findings {
        let file = path.join(&found.file);
        let place = if found.pointer.is_empty() { String::new() } else { format!(" {}", found.pointer) };
        say(&format!("{}:{}: [{}]{place} {}", file.display(), found.line, found.rule, found.message))?;
    }
    if findings.is_empty() { Ok(()) } else { Err(Failure::told()) }
}
