//! `flero connector lint`: whether a connector's folder is as the format asks, without an installation.

use std::{collections::BTreeMap, fs, path::Path};

use flero_openapi::{limits::MAX_DOCUMENT_BYTES, lint::lint};

use crate::exit::{Failure, say};

/// Folders are looked through so deep; a connector's folder holds one more, its fixtures.
const MAX_FOLDERS: usize = 4;

/// Prints a line per finding, as compilers do. Exit code 1 when there are any.
pub(super) fn run(path: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::work(format!("{}: {}", path.display(), error.kind()));
    // The folder's name is the connector's identifier, also where it was given as `.`.
    let folder = fs::canonicalize(path).map_err(failed)?;
    if !folder.is_dir() {
        return Err(Failure::usage("name the connector's folder, which holds its connector.yaml"));
    }
    let id = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut files = BTreeMap::new();
    collect(&folder, "", 0, &mut files)?;
    let findings = lint(&id, &files).findings;
    for found in &findings {
        let file = path.join(&found.file);
        let place = if found.pointer.is_empty() { String::new() } else { format!(" {}", found.pointer) };
        say(&format!("{}:{}: [{}]{place} {}", file.display(), found.line, found.rule, found.message))?;
    }
    if findings.is_empty() { Ok(()) } else { Err(Failure::told()) }
}

/// The files by their names in the folder. Links are not followed, so that none leads out or in a circle.
fn collect(
    folder: &Path,
    prefix: &str,
    depth: usize,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::work(format!("{}: {}", folder.display(), error.kind()));
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if kind.is_dir() && depth < MAX_FOLDERS {
            collect(&path, &format!("{name}/"), depth + 1, files)?;
        } else if kind.is_file() {
            if entry.metadata().map_err(failed)?.len() > MAX_DOCUMENT_BYTES as u64 {
                return Err(Failure::work(format!("{}: the file is too large", path.display())));
            }
            files.insert(name, fs::read(&path).map_err(failed)?);
        }
    }
    Ok(())
}
