//! Packs every folder of `community/` into one JSON array. Its file `VERSION` is the version of the package.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::json;

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../community");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut packages = BTreeMap::new();
    for entry in fs::read_dir(&root).context("community/ is missing")? {
        let path = entry?.path();
        if path.is_dir() {
            let id = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            packages.insert(id.clone(), package(&id, &path).with_context(|| format!("community/{id}"))?);
        }
    }
    let all: Vec<_> = packages.into_values().collect();
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("community.json"), serde_json::to_vec(&all)?)?;
    Ok(())
}

fn package(id: &str, path: &Path) -> Result<serde_json::Value> {
    let mut files = BTreeMap::new();
    collect(path, "", &mut files)?;
    let version = files.remove("VERSION").context("there is no file VERSION")?;
    Ok(json!({ "format": "flero.package/1", "id": id, "version": version.trim(), "files": files }))
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}
