//! The files of the project, without what is built or downloaded.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that hold nothing of ours.
const SKIPPED: &[&str] = &[".git", ".venv", "dist", "node_modules", "target"];

/// The root of the checkout: the parent of this crate's folder, as cargo names it when it runs us. The folder
/// at compile time would be another checkout's, where several share what they build.
pub(crate) fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("./xtask"), PathBuf::from);
    own.parent().unwrap_or(&own).to_path_buf()
}

/// All files under `folder` whose name ends with one of `endings`, as paths relative to `root`, sorted.
/// A folder that is not there has no files.
pub(crate) fn list(root: &Path, folder: &str, endings: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    folders.push(entry.path());
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(relative(root, &entry.path()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The text of a file. Bytes that are no text become replacement characters: the checks look for words.
pub(crate) fn read(root: &Path, path: &str) -> Result<String> {
    let bytes = std::fs::read(root.join(path)).with_context(|| format!("reading {path}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes a file and its folder.
pub(crate) fn write(root: &Path, path: &str, text: &str) -> Result<()> {
    let path = root.join(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

/// A path as it is written in the project, with `/` on every system.
fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Whether a file holds tests only: `tests.rs`, or anything in a folder `tests`, `benches` or `e2e`.
pub(crate) fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| matches!(part, "tests" | "benches" | "e2e"))
}
