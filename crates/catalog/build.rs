//! Finds every folder of `connectors/` and every file of `services/`, compiles them and writes one file of packs with
//! an index in front.
//!
//! What does not compile ends the build: a connector that is not there would be noticed later and by others. A
//! connector stands before the known service of the same name, because it knows more.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, bail};
use flero_openapi::{compile, folder, known, names, pack, summary::Summary, summary::Tier};
use serde_json::json;

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let mut all: BTreeMap<String, (Summary, Vec<u8>)> = BTreeMap::new();
    for (id, path) in entries(&root.join("services"))? {
        let text = fs::read_to_string(&path)?;
        let entry = known::compiled(&id, &text);
        all.insert(id.clone(), entry.map_err(|fault| anyhow!("services/{id}.yaml: {fault}"))?);
    }
    for (id, path) in entries(&root.join("connectors"))?.into_iter().filter(|(_, path)| path.is_dir()) {
        let entry = compiled(&id, &path).with_context(|| format!("connectors/{id}"))?;
        if all.insert(id.clone(), entry).is_some() {
            bail!("services/{id}.yaml says what connectors/{id} says better: delete it");
        }
    }
    let (mut index, mut packs) = (Vec::new(), Vec::new());
    // The map's order is that of the identifiers, by which the index is searched.
    for (summary, bytes) in all.into_values() {
        index.push(json!({ "summary": summary, "offset": packs.len(), "length": bytes.len() }));
        packs.extend(bytes);
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("index.json"), serde_json::to_vec(&index)?)?;
    fs::write(out.join("packs.bin"), packs)?;
    Ok(())
}

/// What a folder holds, by identifier. A change anywhere in it builds again.
fn entries(root: &Path) -> Result<Vec<(String, PathBuf)>> {
    println!("cargo::rerun-if-changed={}", root.display());
    let paths = fs::read_dir(root)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let id = |path: &Path| path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    Ok(paths.into_iter().map(|path| (id(&path), path)).collect())
}

fn compiled(id: &str, path: &Path) -> Result<(Summary, Vec<u8>)> {
    if !names::is_slug(id) {
        bail!("a folder is named with small letters, digits and hyphens");
    }
    let files = files(path)?;
    let (document, faults) = folder::assemble(&files)?;
    if let Some(fault) = faults.first() {
        bail!("{}: {}", fault.pointer, fault.reason);
    }
    let compiled = compile(&document)?;
    if let Some(entry) = compiled.report.left_out.first() {
        bail!("{}: {}", entry.pointer, entry.reason);
    }
    let guide =
        files.get("guide.md").map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let summary = Summary::of(id, Tier::Curated, &compiled.connector);
    let bytes = pack::write(summary.clone(), compiled.connector, &guide);
    Ok((summary, bytes))
}

/// The files of a folder and of the folders right in it, by their names there.
fn files(path: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            for inner in fs::read_dir(entry.path())? {
                let inner = inner?;
                let inner_name = inner.file_name().to_string_lossy().into_owned();
                files.insert(format!("{name}/{inner_name}"), fs::read(inner.path())?);
            }
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(files)
}
