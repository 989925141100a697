//! A crate depends only on crates of earlier rows, never on a neighbour, and some dependencies have one owner.

use std::path::Path;

use anyhow::Result;

use super::Finding;
use super::manifest::{self, Dependency, Kind, Manifest};

/// The rows of ARCHITECTURE.md.
const ROWS: &[&[&str]] = &[
    &["flero-model"],
    &["flero-expr", "flero-vault", "flero-store", "flero-sandbox", "flero-openapi"],
    &["flero-keyring", "flero-store-sqlite", "flero-catalog", "flero-marketplace"],
    &["flero-connect", "flero-registry"],
    &["flero-engine"],
    &["flero-app"],
    &["flero-api", "flero-web"],
    &["flero"],
];

/// Crates that no product is built from. They may use every crate; only tests may use them.
const DEV: &[&str] = &["flero-testing", "xtask"];

/// A dependency that only some crates may have, outside of their tests, and why.
const OWNED: &[(&str, &[&str], &str)] = &[
    ("rusqlite", &["flero-store-sqlite"], "SQL lives only in the adapters"),
    ("flero-store-sqlite", &["flero", "flero-testing"], "only the program names an adapter"),
    ("flero-registry", &["flero", "flero-testing"], "only the program names an adapter"),
    ("tough", &["flero-registry"], "how registries are signed is the matter of one adapter"),
    ("rquickjs", &["flero-sandbox"], "foreign code runs only in the child process"),
    ("axum", &["flero-api", "flero", "flero-testing"], "only the API knows HTTP status codes of our answers"),
    ("utoipa", &["flero-api", "flero"], "only the API describes itself"),
    ("clap", &["flero"], "only the program has a command line"),
];

/// A dependency that a crate must never have, outside of its tests, and why.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("flero-engine", "flero-vault", "the code that decides what to do never holds a secret"),
    ("flero-engine", "flero-keyring", "the code that decides what to do never holds a secret"),
    ("flero-api", "flero-vault", "plain secrets pass the API on their way to `app` and are not opened there"),
    (
        "flero-api",
        "flero-keyring",
        "plain secrets pass the API on their way to `app` and are not opened there",
    ),
    ("flero-model", "tokio", "`model` does no IO"),
    ("flero-expr", "tokio", "`expr` does no IO"),
    ("flero-openapi", "tokio", "a description is a matter of bytes in and values out"),
    ("flero-vault", "tokio", "the vault is bytes in, bytes out"),
];

/// Checks every manifest of the workspace.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for manifest in manifest::all(root)? {
        let row = row(&manifest.name);
        if row.is_none() && !DEV.contains(&manifest.name.as_str()) {
            let text = format!("{} is in no row; add it to xtask/src/tidy/layers.rs", manifest.name);
            findings.push(Finding::new(&manifest.path(), 0, text));
            continue;
        }
        let expected = manifest.name.strip_prefix("flero-").unwrap_or(&manifest.name);
        if manifest.folder.rsplit('/').next() != Some(expected) {
            let text = format!("{} belongs in a folder named {expected}", manifest.name);
            findings.push(Finding::new(&manifest.path(), 0, text));
        }
        for dependency in &manifest.dependencies {
            let broken = direction(&manifest, row, dependency).or_else(|| owner(&manifest, dependency));
            findings.extend(broken.map(|text| Finding::new(&manifest.path(), 0, text)));
        }
    }
    Ok(findings)
}

fn row(name: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&name))
}

/// What is wrong with the direction of a dependency. Tests may reach sideways, but never up.
fn direction(of: &Manifest, own: Option<usize>, to: &Dependency) -> Option<String> {
    if DEV.contains(&to.name.as_str()) {
        let text = format!("{} is for tests; make it a dev-dependency", to.name);
        return (to.kind == Kind::Normal && own.is_some()).then_some(text);
    }
    let (own, other) = (own?, row(&to.name)?);
    let is_fine = match to.kind {
        Kind::Normal => other < own,
        Kind::Dev => other <= own,
    };
    (!is_fine).then(|| format!("{} (row {own}) may not depend on {} (row {other})", of.name, to.name))
}

/// What is wrong with who has a dependency.
fn owner(of: &Manifest, to: &Dependency) -> Option<String> {
    if to.kind == Kind::Dev {
        return None;
    }
    let forbidden = FORBIDDEN.iter().find(|(name, other, _)| *name == of.name && *other == to.name);
    let owned =
        OWNED.iter().find(|(name, owners, _)| *name == to.name && !owners.contains(&of.name.as_str()));
    let reason = forbidden.map(|(_, _, why)| why).or(owned.map(|(_, _, why)| why))?;
    Some(format!("{} may not depend on {}: {reason}", of.name, to.name))
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    fn manifest(name: &str, dependencies: &str) -> String {
        format!("[package]\nname = \"{name}\"\n{dependencies}")
    }

    #[test]
    fn a_dependency_upwards_or_sideways_is_found() {
        let expr = manifest("flero-expr", "[dependencies]\nflero-vault.workspace = true");
        let model = manifest("flero-model", "[target.'cfg(unix)'.dependencies]\nflero-app.workspace = true");
        let files = [("crates/expr/Cargo.toml", expr.as_str()), ("crates/model/Cargo.toml", &model)];
        assert_eq!(
            found(check, &files),
            [
                "crates/expr/Cargo.toml: flero-expr (row 1) may not depend on flero-vault (row 1)",
                "crates/model/Cargo.toml: flero-model (row 0) may not depend on flero-app (row 5)",
            ]
        );
    }

    #[test]
    fn tests_may_reach_sideways_but_not_up() {
        let keyring = manifest(
            "flero-keyring",
            "[dev-dependencies]\nflero-store-sqlite.workspace = true\nflero-testing.workspace = true\n\
             flero-engine.workspace = true",
        );
        assert_eq!(
            found(check, &[("crates/keyring/Cargo.toml", &keyring)]),
            ["crates/keyring/Cargo.toml: flero-keyring (row 2) may not depend on flero-engine (row 4)"]
        );
    }

    #[test]
    fn a_product_built_from_test_code_is_found() {
        let app = manifest("flero-app", "[dependencies]\nflero-testing.workspace = true");
        assert_eq!(
            found(check, &[("crates/app/Cargo.toml", &app)]),
            ["crates/app/Cargo.toml: flero-testing is for tests; make it a dev-dependency"]
        );
    }

    #[test]
    fn dependencies_with_an_owner_stay_there() {
        let app = manifest("flero-app", "[dependencies]\nrusqlite.workspace = true");
        let engine = manifest("flero-engine", "[dependencies]\nflero-vault.workspace = true");
        let files = [("crates/app/Cargo.toml", app.as_str()), ("crates/engine/Cargo.toml", &engine)];
        let findings = found(check, &files);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].ends_with("SQL lives only in the adapters"), "{findings:?}");
        assert!(findings[1].ends_with("never holds a secret"), "{findings:?}");
    }

    #[test]
    fn a_crate_without_a_row_or_in_a_wrong_folder_is_found() {
        let (new, vault) = (manifest("flero-new", ""), manifest("flero-vault", ""));
        let files = [("crates/new/Cargo.toml", new.as_str()), ("crates/safe/Cargo.toml", &vault)];
        assert_eq!(
            found(check, &files),
            [
                "crates/new/Cargo.toml: flero-new is in no row; add it to xtask/src/tidy/layers.rs",
                "crates/safe/Cargo.toml: flero-vault belongs in a folder named vault",
            ]
        );
    }
}
