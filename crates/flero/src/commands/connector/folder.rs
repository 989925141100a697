//! A connector's folder on the disk.

use std::{collections::BTreeMap, fs, path::Path};

use flero_openapi::limits::MAX_DOCUMENT_BYTES;

use crate::exit::Failure;

/// Folders are looked through so deep; a connector's folder holds one more, its fixtures.
const MAX_FOLDERS: usize = 4;

/// A folder that was read.
pub(in crate::commands) struct Folder {
    /// Its name, which is the connector's identifier.
    pub(in crate::commands) id: String,
    /// Its files by their names in it.
    pub(in crate::commands) files: BTreeMap<String, Vec<u8>>,
}

/// Reads a folder.
pub(in crate::commands) fn read(path: &Path) -> Result<Folder, Failure> {
    let failed = |error: std::io::Error| Failure::work(format!("{}: {}", path.display(), error.kind()));
    // The folder's name is the connector's identifier, also where it was given as `.`.
    let folder = fs::canonicalize(path).map_err(failed)?;
    if !folder.is_dir() {
        return Err(Failure::usage("name the connector's folder, which holds its connector.yaml"));
    }
    let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = BTreeMap::new();
    collect(&folder, "", 0, &mut files)?;
    Ok(Folder { id, files })
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
