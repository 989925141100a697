//! Words that do not belong in a finished project: notes for later, tests that are switched off in silence, and
//! paths of somebody's own machine.

use std::path::Path;
use std::sync::LazyLock;

use anyhow::Result;
use regex::Regex;

use super::Finding;
use crate::files;

/// Files in which the words are looked for.
const ENDINGS: &[&str] =
    &[".css", ".html", ".js", ".json", ".md", ".rs", ".sh", ".sql", ".toml", ".ts", ".tsx", ".yaml", ".yml"];

/// Files whose content is not ours to word.
const FOREIGN: &[&str] = &["package-lock.json", "LICENSE"];

/// What must not be there, and what to do about it. The words are put together here, or this file would be
/// its own first finding.
static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rules = [
        (
            format!(r"\b({}|{}|{})\b", ["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["X", "XX"].concat()),
            "finish it, or open an issue",
        ),
        (
            format!(r"\b({}|{})!\s*\(", ["to", "do"].concat(), ["unimple", "mented"].concat()),
            "finish it, or open an issue",
        ),
        (r"#\[ignore\]".to_owned(), "say why the test is ignored, or let it run"),
        (r"\b(it|test|describe)\.skip\(".to_owned(), "let the test run, or delete it"),
        (
            r#"(^|[\s"'`(=:,])/(work|root|home/[a-z]+|Users/[A-Za-z]+)/"#.to_owned(),
            "name no path of your own machine",
        ),
    ];
    rules.into_iter().filter_map(|(rule, hint)| Some((Regex::new(&rule).ok()?, hint))).collect()
});

/// Looks into every text file of the project.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in files::list(root, "", ENDINGS)? {
        if FOREIGN.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        for (at, line) in files::read(root, &path)?.lines().enumerate() {
            for (rule, hint) in RULES.iter() {
                if let Some(found) = rule.find(line) {
                    let text = format!("`{}`: {hint}", found.as_str().trim());
                    findings.push(Finding::new(&path, at + 1, text));
                }
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn all_rules_are_valid() {
        assert_eq!(RULES.len(), 5);
    }

    #[test]
    fn unfinished_places_are_found() {
        for text in [
            ["// TO", "DO: more"].concat(),
            ["    to", "do!()"].concat(),
            ["unimple", "mented!(\"x\")"].concat(),
            ["# FIX", "ME"].concat(),
            ["#[ig", "nore]"].concat(),
            ["test.sk", "ip('a', f)"].concat(),
        ] {
            let findings = found(check, &[("crates/a/src/lib.rs", &text)]);
            assert_eq!(findings.len(), 1, "{text}: {findings:?}");
            assert!(findings[0].starts_with("crates/a/src/lib.rs:1: "), "{findings:?}");
        }
    }

    #[test]
    fn private_paths_are_found() {
        for text in [
            ["see /ho", "me/ada/x"].concat(),
            ["\"/wo", "rk/main\""].concat(),
            ["(/Us", "ers/Ada/x)"].concat(),
        ] {
            assert_eq!(found(check, &[("docs/a.md", &text)]).len(), 1, "{text}");
        }
    }

    #[test]
    fn ordinary_text_is_not_found() {
        let text = "the work/home balance, https://example.com/home/x/, a toDoList, /var/lib/flero/, $HOME/.cache\n\
                    #[ignore = \"needs a network\"]\nimplemented!\n~/work/x ../work/y";
        assert_eq!(
            found(check, &[("docs/a.md", text), ("target/b.md", &["TO", "DO"].concat())]),
            Vec::<String>::new()
        );
    }
}
