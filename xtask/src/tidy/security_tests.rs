//! The numbered security tests: `docs/security-tests.md` lists each with its promise and its place, made from
//! the comments `Security test N: promise` over the tests themselves.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use regex::Regex;

use super::Finding;
use crate::files;

/// The page that is generated.
const PAGE: &str = "docs/security-tests.md";

/// The numbers that must have a test.
const NUMBERS: &[(u32, u32)] =
    &[(1, 21), (24, 26), (28, 34), (36, 38), (40, 41), (43, 43), (45, 46), (48, 55), (64, 68)];

/// One numbered test, or a file of them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Test {
    number: u32,
    path: String,
    /// The name of the function; the whole file when there is none.
    name: Option<String>,
    promise: String,
}

/// Compares the page with the comments.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let tests = collect(root)?;
    let mut findings = Vec::new();
    let page = root.join(PAGE);
    if (page.is_file() || !tests.is_empty())
        && std::fs::read_to_string(&page).unwrap_or_default() != render(&tests)?
    {
        findings.push(Finding::new(PAGE, 0, "not what the tests say; run `cargo xtask tidy --fix`"));
    }
    Ok(findings)
}

/// Writes the page.
pub(super) fn fix(root: &Path) -> Result<()> {
    files::write(root, PAGE, &render(&collect(root)?)?)
}

/// Compares the comments with the numbers that must be there.
pub(super) fn check_numbers(root: &Path) -> Result<Vec<Finding>> {
    let absent = absent(&collect(root)?).into_iter();
    Ok(absent.map(|number| Finding::new(PAGE, 0, format!("security test {number} has no test"))).collect())
}

fn absent(tests: &[Test]) -> Vec<u32> {
    let there: BTreeSet<u32> = tests.iter().map(|test| test.number).collect();
    let required = NUMBERS.iter().flat_map(|&(first, last)| first..=last);
    required.filter(|number| !there.contains(number)).collect()
}

/// All tests with a number, sorted by it.
fn collect(root: &Path) -> Result<Vec<Test>> {
    // `Security test 12 (its cryptographic half): promise` and `Security test 10, without network: promise`.
    let head = Regex::new(r"^\s*//([/!]) Security test (\d+)(?: \(([^)]*)\)|, ([^:]*))?: (.*)$")?;
    let function = Regex::new(r"^\s*(?:pub(?:\([a-z]+\))? )?(?:async )?fn ([a-z0-9_]+)")?;
    let mut tests = Vec::new();
    for folder in ["crates", "connectors", "fuzz", "xtask/tests"] {
        for path in files::list(root, folder, &[".rs"])? {
            let text = files::read(root, &path)?;
            let lines: Vec<&str> = text.lines().collect();
            for (at, line) in lines.iter().enumerate() {
                let Some(found) = head.captures(line) else { continue };
                let mark = if &found[1] == "/" { "///" } else { "//!" };
                let aside = found.get(3).or(found.get(4)).map(|aside| format!(" ({})", aside.as_str()));
                let promise =
                    format!("{}{}", paragraph(&found[5], &lines[at + 1..], mark), aside.unwrap_or_default());
                let name = match mark {
                    "///" => lines[at + 1..].iter().find_map(|line| function.captures(line)),
                    _ => None,
                };
                tests.push(Test {
                    number: found[2].parse()?,
                    path: path.clone(),
                    name: name.map(|name| name[1].to_owned()),
                    promise,
                });
            }
        }
    }
    tests.sort();
    Ok(tests)
}

/// The rest of the paragraph that a comment begins, on one line and without its last full stop.
fn paragraph(first: &str, rest: &[&str], mark: &str) -> String {
    let mut text = first.trim().to_owned();
    for line in rest {
        let Some(more) = line.trim_start().strip_prefix(mark) else { break };
        if more.trim().is_empty() || more.contains("Security test ") {
            break;
        }
        text.push(' ');
        text.push_str(more.trim());
    }
    text.trim_end_matches('.').to_owned()
}

/// The page.
fn render(tests: &[Test]) -> Result<String> {
    let mut page = String::from(
        "# Security tests\n\n\
         Made from the comments over the tests by `cargo xtask tidy --fix`; do not edit.\n\n\
         | number | promise | test |\n|---|---|---|\n",
    );
    for Test { number, path, name, promise } in tests {
        let promise = promise.replace('|', "\\|");
        let name = name.as_deref().map_or_else(|| "all of it".to_owned(), |name| format!("`{name}`"));
        writeln!(page, "| {number} | {promise} | {name} in [{path}](../{path}) |")?;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::super::{found, project};
    use super::*;

    const CODE: &str = "//! Security test 10, for the providers without network: closed.\n\n\
        /// Security test 2: every flip is\n/// refused.\n///\n/// More.\n#[test]\nfn a_flip_is_refused() {}\n\n\
        /// Security test 12 (one half): seen.\n#[tokio::test]\nasync fn it_is_seen() {}\n\n\
        /// Security test 24 stands on this: no test.\nfn other() {}\n";

    #[test]
    fn the_page_lists_what_the_comments_say() {
        let folder = project(&[("crates/a/tests/it.rs", CODE)]);
        fix(folder.path()).expect("written");
        let page = files::read(folder.path(), PAGE).expect("the page");
        let rows: Vec<&str> = page.lines().skip(6).collect();
        assert_eq!(
            rows,
            [
                "| 2 | every flip is refused | `a_flip_is_refused` in [crates/a/tests/it.rs](../crates/a/tests/it.rs) |",
                "| 10 | closed (for the providers without network) | all of it in [crates/a/tests/it.rs](../crates/a/tests/it.rs) |",
                "| 12 | seen (one half) | `it_is_seen` in [crates/a/tests/it.rs](../crates/a/tests/it.rs) |",
            ]
        );
        assert!(check(folder.path()).expect("checked").is_empty());
    }

    #[test]
    fn a_stale_page_is_found() {
        let files = [("crates/a/tests/it.rs", CODE), (PAGE, "old")];
        assert_eq!(
            found(check, &files),
            ["docs/security-tests.md: not what the tests say; run `cargo xtask tidy --fix`"]
        );
        assert_eq!(found(check, &[("crates/a/tests/it.rs", CODE)]).len(), 1, "a missing page");
    }

    #[test]
    fn numbers_without_a_test_are_known() {
        let folder = project(&[("crates/a/tests/it.rs", CODE)]);
        assert!(!check_numbers(folder.path()).expect("checked").is_empty());
        let absent = absent(&collect(folder.path()).expect("read"));
        assert!(absent.contains(&1) && absent.contains(&24) && absent.contains(&68));
        assert!(!absent.contains(&2) && !absent.contains(&12) && !absent.contains(&22));
    }
}
