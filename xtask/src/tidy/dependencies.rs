//! Every package from a registry has a reason in `docs/dependencies.md`, its version in one place, and a user.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use regex::Regex;

use super::Finding;
use super::manifest::{self, Manifest};
use crate::files;

/// The page with the reasons: tables whose rows begin with the name of a package in backquotes.
const PAGE: &str = "docs/dependencies.md";

/// Compares the workspace's dependencies with the page, and the manifests with the code.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let names = manifest::registry_dependencies(root)?;
    let mut reasons = reasons(root)?;
    let manifests = manifest::all(root)?;
    for name in &names {
        match reasons.remove(name) {
            None => findings.push(Finding::new(PAGE, 0, format!("{name} has no row: say why it is there"))),
            Some((line, reason)) if reason.is_empty() => {
                findings.push(Finding::new(PAGE, line, format!("{name} has no reason")));
            }
            Some(_) => {}
        }
        if !manifests.iter().any(|manifest| manifest.dependencies.iter().any(|d| d.name == *name)) {
            let text = format!("no crate uses {name}: remove it from [workspace.dependencies]");
            findings.push(Finding::new("Cargo.toml", 0, text));
        }
    }
    for (name, (line, _)) in reasons {
        findings.push(Finding::new(PAGE, line, format!("{name} is no dependency of the workspace any more")));
    }
    for manifest in &manifests {
        findings.extend(unused(root, manifest)?);
    }
    Ok(findings)
}

/// The rows of the page: line and reason by package.
fn reasons(root: &Path) -> Result<BTreeMap<String, (usize, String)>> {
    let mut rows = BTreeMap::new();
    if !root.join(PAGE).is_file() {
        return Ok(rows);
    }
    let row = Regex::new(r"^\| `([A-Za-z0-9_-]+)` \|(.*)\|\s*$")?;
    for (at, line) in files::read(root, PAGE)?.lines().enumerate() {
        if let Some(found) = row.captures(line) {
            rows.insert(found[1].to_owned(), (at + 1, found[2].trim().to_owned()));
        }
    }
    Ok(rows)
}

/// Dependencies that the crate's code never names, and those with a version of their own.
fn unused(root: &Path, manifest: &Manifest) -> Result<Vec<Finding>> {
    let mut text = String::new();
    for path in files::list(root, &manifest.folder, &[".rs"])? {
        text.push_str(&files::read(root, &path)?);
    }
    let mut findings = Vec::new();
    for dependency in &manifest.dependencies {
        let name = &dependency.name;
        if !dependency.is_workspace {
            let text = format!("write `{name}.workspace = true`; versions are in the root Cargo.toml");
            findings.push(Finding::new(&manifest.path(), 0, text));
        }
        if !Regex::new(&format!(r"\b{}\b", name.replace('-', "_")))?.is_match(&text) {
            findings.push(Finding::new(
                &manifest.path(),
                0,
                format!("{name} is used nowhere in {}", manifest.folder),
            ));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    const ROOT: &str =
        "[workspace.dependencies]\nserde = \"1\"\nurl = \"2\"\nflero-model = { path = \"crates/model\" }\n";

    fn files<'a>(page: &'a str, manifest: &'a str, code: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("Cargo.toml", ROOT),
            ("docs/dependencies.md", page),
            ("crates/model/Cargo.toml", manifest),
            ("crates/model/src/lib.rs", code),
        ]
    }

    const PAGE_OK: &str = "| `serde` | reads and writes JSON |\n| `url` | parses addresses |\n";
    const MANIFEST_OK: &str = "[package]\nname = \"flero-model\"\n[dependencies]\nserde.workspace = true\nurl = { workspace = true }\n";
    const CODE_OK: &str = "use serde::Serialize;\nuse url::Url;\n";

    #[test]
    fn a_project_in_order_has_no_finding() {
        assert_eq!(found(check, &files(PAGE_OK, MANIFEST_OK, CODE_OK)), Vec::<String>::new());
    }

    #[test]
    fn a_missing_an_empty_and_a_stale_reason_are_found() {
        let page = "| `serde` | |\n| `left-pad` | no longer |\n";
        assert_eq!(
            found(check, &files(page, MANIFEST_OK, CODE_OK)),
            [
                "docs/dependencies.md: url has no row: say why it is there",
                "docs/dependencies.md:1: serde has no reason",
                "docs/dependencies.md:2: left-pad is no dependency of the workspace any more",
            ]
        );
    }

    #[test]
    fn an_unused_dependency_is_found() {
        assert_eq!(
            found(check, &files(PAGE_OK, MANIFEST_OK, "use serde::Serialize; // curl")),
            ["crates/model/Cargo.toml: url is used nowhere in crates/model"]
        );
        let manifest = "[package]\nname = \"flero-model\"\n[dependencies]\nserde.workspace = true\n";
        assert_eq!(
            found(check, &files(PAGE_OK, manifest, CODE_OK)),
            ["Cargo.toml: no crate uses url: remove it from [workspace.dependencies]"]
        );
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        let manifest =
            "[package]\nname = \"flero-model\"\n[dependencies]\nserde.workspace = true\nurl = \"2\"\n";
        assert_eq!(
            found(check, &files(PAGE_OK, manifest, CODE_OK)),
            ["crates/model/Cargo.toml: write `url.workspace = true`; versions are in the root Cargo.toml"]
        );
    }
}
