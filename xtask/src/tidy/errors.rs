//! Every error code is explained in `docs/errors`, and nothing there explains a code that does not exist.
//!
//! A problem of the API (`not_found`) has a page of its own, which the API serves. A failure of a step
//! (`http.dns`) has a row in one page for all.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use regex::Regex;

use super::Finding;
use crate::files;

/// The table of the API's problems: lines such as `NOT_FOUND = "not_found", NOT_FOUND, "...";`.
const PROBLEMS: &str = "crates/api/src/error/codes.rs";

/// The crates whose failures end up in an execution.
const STEPS: &[&str] = &["crates/connect/src", "crates/engine/src"];

/// What the code of a failed step begins with, before the dot.
const FAMILIES: &str = "audit|code|credential|database|egress|expression|file|http|internal|node|store|subworkflow|vault|workflow";

/// Where all of them are explained.
const PAGES: &str = "docs/errors";

/// The page of all failures of steps: a table whose rows begin with the code in backquotes.
const STEP_PAGE: &str = "docs/errors/executions.md";

/// Where a code is given out first.
type Codes = BTreeMap<String, (String, usize)>;

/// Compares both kinds of codes with what explains them.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = problems(root)?;
    findings.extend(steps(root)?);
    Ok(findings)
}

/// Problems and their pages.
fn problems(root: &Path) -> Result<Vec<Finding>> {
    let row = Regex::new(r#"^\s*[A-Z][A-Z0-9_]* = "([a-z0-9_]+)", [A-Z_]+,"#)?;
    let mut codes = Codes::new();
    collect(root, PROBLEMS, &row, &mut codes)?;
    let mut findings = Vec::new();
    for page in files::list(root, PAGES, &[".md"])? {
        let name = page.rsplit('/').next().and_then(|name| name.strip_suffix(".md")).unwrap_or_default();
        if name == "README" || page == STEP_PAGE {
            continue;
        }
        if codes.remove(name).is_none() {
            findings.push(Finding::new(&page, 0, format!("no problem has the code {name}; delete the page")));
        }
        if files::read(root, &page)?.lines().next() != Some(&format!("# {name}")) {
            findings.push(Finding::new(&page, 1, format!("the page begins with `# {name}`")));
        }
    }
    for (code, (path, line)) in codes {
        findings.push(Finding::new(&path, line, format!("{code} has no page {PAGES}/{code}.md")));
    }
    Ok(findings)
}

/// Failures of steps and their rows.
fn steps(root: &Path) -> Result<Vec<Finding>> {
    let literal = Regex::new(&format!(r#""((?:{FAMILIES})\.[a-z_]+)""#))?;
    let mut codes = Codes::new();
    for folder in STEPS {
        for path in files::list(root, folder, &[".rs"])? {
            if !files::is_test(&path) {
                collect(root, &path, &literal, &mut codes)?;
            }
        }
    }
    let row = Regex::new(r"^\| `([a-z]+\.[a-z_]+)` \|")?;
    let mut rows = Codes::new();
    collect(root, STEP_PAGE, &row, &mut rows)?;
    let mut findings = Vec::new();
    for (code, (path, line)) in &codes {
        if !rows.contains_key(code) {
            findings.push(Finding::new(path, *line, format!("{code} has no row in {STEP_PAGE}")));
        }
    }
    for (code, (path, line)) in &rows {
        if !codes.contains_key(code) {
            findings.push(Finding::new(path, *line, format!("no step fails with {code}; delete the row")));
        }
    }
    Ok(findings)
}

/// Adds what the first group of `pattern` finds in a file, tests at its end excepted. A file that is not there
/// has nothing.
fn collect(root: &Path, path: &str, pattern: &Regex, codes: &mut Codes) -> Result<()> {
    if !root.join(path).is_file() {
        return Ok(());
    }
    for (at, line) in files::read(root, path)?.lines().enumerate() {
        if line == "#[cfg(test)]" {
            break;
        }
        for found in pattern.captures_iter(line) {
            codes.entry(found[1].to_owned()).or_insert_with(|| (path.to_owned(), at + 1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn problems_and_pages_are_compared_both_ways() {
        let source = "codes! {\n    NOT_FOUND = \"not_found\", NOT_FOUND, \"Not found\";\n    \
                      INTERNAL = \"internal\", INTERNAL_SERVER_ERROR, \"Ours\";\n}\n";
        let files = [
            (PROBLEMS, source),
            ("docs/errors/not_found.md", "# not_found\n"),
            ("docs/errors/gone.md", "# gone\n"),
            ("docs/errors/README.md", "all of them\n"),
        ];
        assert_eq!(
            found(check, &files),
            [
                "crates/api/src/error/codes.rs:3: internal has no page docs/errors/internal.md",
                "docs/errors/gone.md: no problem has the code gone; delete the page",
            ]
        );
    }

    #[test]
    fn a_page_begins_with_its_code() {
        let files = [
            (PROBLEMS, "A = \"changed\", CONFLICT, \"x\";"),
            ("docs/errors/changed.md", "# It has changed\n"),
        ];
        assert_eq!(found(check, &files), ["docs/errors/changed.md:1: the page begins with `# changed`"]);
    }

    #[test]
    fn failures_of_steps_and_rows_are_compared_both_ways() {
        let source =
            "Self::Dns => \"http.dns\",\nSelf::Tls => \"http.tls\",\n#[cfg(test)]\n\"http.made_up\"\n";
        let files = [
            ("crates/connect/src/error.rs", source),
            ("crates/engine/src/run/tests.rs", "\"http.also_made_up\""),
            (STEP_PAGE, "# Failures of steps\n\n| `http.dns` | no such host |\n| `http.gone` | x |\n"),
        ];
        assert_eq!(
            found(check, &files),
            [
                "crates/connect/src/error.rs:2: http.tls has no row in docs/errors/executions.md",
                "docs/errors/executions.md:4: no step fails with http.gone; delete the row",
            ]
        );
    }
}
