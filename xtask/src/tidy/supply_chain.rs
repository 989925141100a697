//! What may be built into the program: no banned package, only allowed licences, only the one registry.
//!
//! The rules are in `deny.toml`, which `cargo deny check bans licenses sources` reads too. They are checked
//! here as well, from what cargo says it builds, because `cargo-deny` takes longer to compile than the whole
//! project (CONTRIBUTING.md has the figures). Where it is installed, it is run in addition.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::command::{answers, command, output, show};
use crate::files;

/// The file with the rules.
const RULES: &str = "deny.toml";

/// The registry as cargo names it in a lock file.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks everything that any target, test or build script of the workspace is built from.
///
/// # Errors
/// When cargo cannot be asked or the rules cannot be read.
pub(crate) fn run() -> Result<bool> {
    let root = files::root();
    let rules = Rules::read(&root)?;
    let args = [
        "tree",
        "--workspace",
        "--locked",
        "--target",
        "all",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}\t{l}",
    ];
    let tree = output("cargo", &args)?;
    let lock = files::read(&root, "Cargo.lock")?;
    let mut broken = check(&rules, &tree);
    broken.extend(sources(&lock)?);
    for line in &broken {
        println!("{line}");
    }
    println!("{} packages looked at", packages(&tree).len());
    if !answers("cargo", &["deny", "--version"]) {
        println!("cargo-deny is not installed; its bans, licences and sources were checked without it");
        return Ok(broken.is_empty());
    }
    let deny = command("cargo", &["deny", "--locked", "check", "bans", "licenses", "sources"]);
    let (status, _) = show(deny, Duration::from_mins(10))?;
    Ok(broken.is_empty() && status.success())
}

/// The parts of `deny.toml` that are checked here.
struct Rules {
    banned: Vec<String>,
    licences: Vec<String>,
}

impl Rules {
    fn read(root: &Path) -> Result<Self> {
        Self::parse(&files::read(root, RULES)?)
    }

    fn parse(text: &str) -> Result<Self> {
        let table = text.parse::<Table>().with_context(|| format!("reading {RULES}"))?;
        let list = |section: &str, key: &str| {
            let entries = table.get(section).and_then(|section| section.get(key)).and_then(Value::as_array);
            entries.cloned().with_context(|| format!("{RULES} has no list {section}.{key}"))
        };
        let name = |value: &Value| {
            let name = value.as_str().or_else(|| value.get("crate").and_then(Value::as_str));
            name.unwrap_or_default().to_owned()
        };
        Ok(Self {
            banned: list("bans", "deny")?.iter().map(name).collect(),
            licences: list("licenses", "allow")?.iter().map(name).collect(),
        })
    }
}

/// Name and licence of every package that `cargo tree` names, ours excepted.
fn packages(tree: &str) -> BTreeMap<&str, &str> {
    let mut packages = BTreeMap::new();
    for line in tree.lines() {
        let Some((package, licence)) = line.split_once('\t') else { continue };
        // Packages of the workspace carry their folder in brackets, and so do packages from elsewhere.
        let is_ours = package
            .split('(')
            .nth(1)
            .is_some_and(|place| place.contains("crates") || place.contains("xtask"));
        if !is_ours {
            // A package that was named before ends with a mark.
            packages.insert(package.split(" (").next().unwrap_or(package), licence.trim_end_matches(" (*)"));
        }
    }
    packages
}

/// Banned packages and licences that are not allowed.
fn check(rules: &Rules, tree: &str) -> Vec<String> {
    let mut broken = Vec::new();
    for (package, licence) in packages(tree) {
        let name = package.split(' ').next().unwrap_or(package);
        if rules.banned.iter().any(|banned| banned == name) {
            broken.push(format!(
                "{package} is banned; `cargo tree --workspace --invert {name}` shows who wants it"
            ));
        }
        if !is_allowed(licence, &rules.licences) {
            broken.push(format!("{package} has the licence `{licence}`, which {RULES} does not allow"));
        }
    }
    broken
}

/// Packages of the lock file that come from anywhere but the registry.
fn sources(lock: &str) -> Result<Vec<String>> {
    let table = lock.parse::<Table>().context("reading Cargo.lock")?;
    let packages = table.get("package").and_then(Value::as_array).context("Cargo.lock lists no package")?;
    let foreign = packages.iter().filter_map(|package| {
        let source = package.get("source").and_then(Value::as_str)?;
        let name = package.get("name").and_then(Value::as_str)?;
        (source != REGISTRY).then(|| format!("{name} comes from {source}, which is not the registry"))
    });
    Ok(foreign.collect())
}

/// Whether an SPDX expression can be met with the allowed licences: of `OR` one side, of `AND` both. A slash is
/// the old way to write `OR`; `WITH` belongs to the licence before it.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let mut at = 0;
    let met = any(&tokens, &mut at, allowed);
    // What is left over was not understood, and what was not understood is not allowed.
    met && at == tokens.len()
}

fn any(tokens: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = all(tokens, at, allowed);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(tokens, at, allowed);
    }
    met
}

fn all(tokens: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = one(tokens, at, allowed);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(tokens, at, allowed);
    }
    met
}

fn one(tokens: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let Some(&token) = tokens.get(*at) else { return false };
    *at += 1;
    if token == "(" {
        let met = any(tokens, at, allowed);
        *at += 1;
        return met && tokens.get(*at - 1) == Some(&")");
    }
    let mut licence = token.to_owned();
    if tokens.get(*at) == Some(&"WITH") {
        licence = format!("{token} WITH {}", tokens.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    allowed.contains(&licence)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[bans]\ndeny = [{ crate = \"ring\", reason = \"x\" }, \"openssl-sys\"]\n\
                        [licenses]\nallow = [\"MIT\", \"Apache-2.0\", \"Unicode-3.0\"]\n";

    #[test]
    fn a_licence_expression_is_read_as_spdx_means_it() {
        let allowed = Rules::parse(TEXT).expect("valid").licences;
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("", false),
            ("MIT OR GPL-3.0", true),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            ("GPL-3.0 OR MIT AND Apache-2.0", true),
            ("Apache-2.0/GPL-3.0", true),
            ("Apache-2.0 WITH LLVM-exception", false),
            ("Apache-2.0 WITH LLVM-exception OR MIT", true),
            ("MIT GPL-3.0", false),
            ("(MIT", false),
            ("MIT)", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
        }
    }

    #[test]
    fn a_banned_package_and_a_foreign_licence_are_found() {
        let tree = "flero v0.1.0 (/x/crates/flero)\tApache-2.0\nring v0.17.0\tApache-2.0 AND ISC\n\
                    serde v1.0.0\tMIT OR Apache-2.0\nserde v1.0.0\tMIT OR Apache-2.0 (*)\nodd v1.0.0\t\n";
        let broken = check(&Rules::parse(TEXT).expect("valid"), tree);
        assert_eq!(broken.len(), 3, "{broken:?}");
        assert!(broken[0].starts_with("odd v1.0.0 has the licence ``"), "{broken:?}");
        assert!(broken[1].starts_with("ring v0.17.0 is banned"), "{broken:?}");
        assert!(broken[2].starts_with("ring v0.17.0 has the licence"), "{broken:?}");
    }

    #[test]
    fn a_package_from_elsewhere_is_found() {
        let lock = "[[package]]\nname = \"ours\"\n[[package]]\nname = \"good\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
                    [[package]]\nname = \"bad\"\nsource = \"git+https://example.com/bad\"\n";
        assert_eq!(
            sources(lock).expect("valid"),
            ["bad comes from git+https://example.com/bad, which is not the registry"]
        );
        assert!(sources("").is_err());
    }

    #[test]
    fn rules_without_a_list_are_an_error() {
        assert!(Rules::parse("[bans]\ndeny = []\n").is_err());
    }
}
