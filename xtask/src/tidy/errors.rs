//! Every error code that an answer can carry has a page in `docs/errors`, and every page has a code.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use regex::Regex;

use super::Finding;
use crate::files;

/// Where codes are given out.
const SOURCE: &str = "crates/api/src";

/// Where their pages are.
const PAGES: &str = "docs/errors";

/// Compares the codes in the code with the pages, and looks at what a page says.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let code = Regex::new(r#""(FL[0-9]{4})""#)?;
    let mut codes: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for path in files::list(root, SOURCE, &[".rs"])? {
        // Tests may name a code that does not exist; only what the error module gives out counts.
        if !path.contains("/error") || files::is_test(&path) {
            continue;
        }
        for (at, line) in files::read(root, &path)?.lines().enumerate() {
            for found in code.captures_iter(line) {
                codes.entry(found[1].to_owned()).or_insert_with(|| (path.clone(), at + 1));
            }
        }
    }
    let mut findings = Vec::new();
    let is_code = Regex::new("^FL[0-9]{4}$")?;
    for page in files::list(root, PAGES, &[".md"])? {
        let name = page.rsplit('/').next().and_then(|name| name.strip_suffix(".md")).unwrap_or_default();
        if !is_code.is_match(name) {
            continue;
        }
        if codes.remove(name).is_none() {
            findings.push(Finding::new(&page, 0, format!("no error has the code {name}; delete the page")));
        }
        let first = files::read(root, &page)?.lines().next().unwrap_or_default().to_owned();
        if !first.starts_with(&format!("# {name}")) {
            findings.push(Finding::new(&page, 1, format!("the page begins with `# {name}` and a title")));
        }
    }
    for (code, (path, line)) in codes {
        findings.push(Finding::new(&path, line, format!("{code} has no page {PAGES}/{code}.md")));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn codes_and_pages_are_compared_both_ways() {
        let source = "const A: &str = \"FL1001\";\nconst B: &str = \"FL1002\";\n";
        let files = [
            ("crates/api/src/error/code.rs", source),
            ("docs/errors/FL1001.md", "# FL1001: not found\n"),
            ("docs/errors/FL1009.md", "# FL1009: gone\n"),
            ("docs/errors/README.md", "all of them\n"),
        ];
        assert_eq!(
            found(check, &files),
            [
                "crates/api/src/error/code.rs:2: FL1002 has no page docs/errors/FL1002.md",
                "docs/errors/FL1009.md: no error has the code FL1009; delete the page",
            ]
        );
    }

    #[test]
    fn a_page_carries_its_code() {
        let files = [("crates/api/src/error.rs", "\"FL1001\""), ("docs/errors/FL1001.md", "# Not found\n")];
        assert_eq!(
            found(check, &files),
            ["docs/errors/FL1001.md:1: the page begins with `# FL1001` and a title"]
        );
    }

    #[test]
    fn tests_may_name_any_code() {
        assert_eq!(found(check, &[("crates/api/src/error/tests.rs", "\"FL9999\"")]), Vec::<String>::new());
    }
}
