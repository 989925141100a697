//! Reads what the checks need from the manifests of the workspace.

use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Part of the crate or of its build.
    Normal,
    /// For tests, examples and benches only.
    Dev,
}

/// One dependency of a crate.
#[derive(Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Its version and features come from the workspace.
    pub(super) is_workspace: bool,
}

/// The manifest of one crate.
#[derive(Debug)]
pub(super) struct Manifest {
    /// The name of the package.
    pub(super) name: String,
    /// Its folder inside the project.
    pub(super) folder: String,
    pub(super) dependencies: Vec<Dependency>,
}

impl Manifest {
    /// The path of the manifest inside the project.
    pub(super) fn path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

/// The manifests of all crates: `crates/*` and `xtask`, sorted by folder.
pub(super) fn all(root: &Path) -> Result<Vec<Manifest>> {
    let mut folders = vec!["xtask".to_owned()];
    if root.join("crates").is_dir() {
        for entry in std::fs::read_dir(root.join("crates"))? {
            folders.push(format!("crates/{}", entry?.file_name().to_string_lossy()));
        }
    }
    folders.retain(|folder| root.join(folder).join("Cargo.toml").is_file());
    folders.sort();
    folders.iter().map(|folder| read(root, folder)).collect()
}

fn read(root: &Path, folder: &str) -> Result<Manifest> {
    let table = parse(root, &format!("{folder}/Cargo.toml"))?;
    let name = table.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
    let name = name.with_context(|| format!("{folder}/Cargo.toml has no package.name"))?.to_owned();
    let mut dependencies = Vec::new();
    let mut tables = vec![&table];
    if let Some(targets) = table.get("target").and_then(Value::as_table) {
        tables.extend(targets.values().filter_map(Value::as_table));
    }
    for table in tables {
        for (key, kind) in [
            ("dependencies", Kind::Normal),
            ("build-dependencies", Kind::Normal),
            ("dev-dependencies", Kind::Dev),
        ] {
            let Some(entries) = table.get(key).and_then(Value::as_table) else { continue };
            dependencies.extend(entries.iter().map(|(name, value)| Dependency {
                name: name.clone(),
                kind,
                is_workspace: value.get("workspace").and_then(Value::as_bool) == Some(true),
            }));
        }
    }
    Ok(Manifest { name, folder: folder.to_owned(), dependencies })
}

/// The names in `[workspace.dependencies]` that come from a registry.
pub(super) fn registry_dependencies(root: &Path) -> Result<Vec<String>> {
    let table = parse(root, "Cargo.toml")?;
    let entries = table.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let entries = entries.and_then(Value::as_table).context("Cargo.toml has no [workspace.dependencies]")?;
    let external = entries.iter().filter(|(_, value)| value.get("path").is_none());
    Ok(external.map(|(name, _)| name.clone()).collect())
}

fn parse(root: &Path, path: &str) -> Result<Table> {
    crate::files::read(root, path)?.parse::<Table>().with_context(|| format!("reading {path}"))
}
