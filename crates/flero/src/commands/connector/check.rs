//! `flero connector import --check`: what becomes of documents, without an installation.

use std::{
    fs,
    path::{Path, PathBuf},
};

use flero_openapi::{limits::MAX_DOCUMENT_BYTES, report::Check};
use serde_json::{Value, json};

use super::source;
use crate::exit::{Failure, say};

/// Folders are looked through so deep.
const MAX_FOLDERS: usize = 16;

/// Prints a line per document and a summary. Exit code 1 when a document is not whole.
pub(super) fn run(path: &Path, curl: bool) -> Result<(), Failure> {
    let mut files = Vec::new();
    if path.is_dir() {
        collect(path, 0, &mut files)?;
        files.sort();
    } else {
        files.push(path.to_owned());
    }
    let (mut whole, mut operations, mut total) = (0, 0, 0);
    for file in &files {
        let check = if curl { command(file)? } else { read(file)? };
        let shown = file.strip_prefix(path).ok().filter(|rest| !rest.as_os_str().is_empty()).unwrap_or(file);
        whole += usize::from(check.ok);
        operations += check.operations;
        total += check.total;
        let mut line = serde_json::Map::from_iter([("file".to_owned(), json!(shown.to_string_lossy()))]);
        if let Ok(Value::Object(members)) = serde_json::to_value(&check) {
            line.extend(members);
        }
        say(&Value::Object(line).to_string())?;
    }
    let summary = json!({
        "files": files.len(), "whole": whole, "notWhole": files.len() - whole, "operations": operations, "total": total,
    });
    say(&summary.to_string())?;
    if files.is_empty() {
        return Err(Failure::work("there is no .json, .yaml or .yml file in this folder"));
    }
    if whole == files.len() { Ok(()) } else { Err(Failure::told()) }
}

/// What becomes of a file that holds a cURL command.
fn command(file: &Path) -> Result<Check, Failure> {
    let text = String::from_utf8_lossy(&source::bytes(file)?).into_owned();
    Ok(match flero_app::connectors::document_of_curl(&text) {
        Ok(document) => Check::of_document(&document),
        Err(error) => Check { error: Some(error), ..Check::default() },
    })
}

fn read(file: &Path) -> Result<Check, Failure> {
    if file == Path::new("-") {
        return Ok(Check::of(&source::bytes(file)?));
    }
    let failed = |error: &std::io::Error| Failure::work(format!("{}: {}", file.display(), error.kind()));
    let size = fs::metadata(file).map_err(|error| failed(&error))?.len();
    // A file that is too large is told by its size, before it is in memory.
    if size > MAX_DOCUMENT_BYTES as u64 {
        return Ok(Check { error: Some(flero_openapi::Error::TooLarge.to_string()), ..Check::default() });
    }
    let bytes = fs::read(file).map_err(|error| failed(&error))?;
    Ok(Check::of(&bytes))
}

/// The documents of a folder and of the folders in it. Links are not followed, so that none leads in a circle.
fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::work(format!("{}: {}", folder.display(), error.kind()));
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if kind.is_dir() && depth < MAX_FOLDERS {
            collect(&path, depth + 1, files)?;
        } else if kind.is_file() && matches!(extension.to_ascii_lowercase().as_str(), "json" | "yaml" | "yml")
        {
            files.push(path);
        }
    }
    Ok(())
}
