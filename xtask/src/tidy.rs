//! `cargo xtask tidy`: the rules of the project that no compiler knows. One file for each check.

mod dependencies;
mod errors;
mod layers;
mod manifest;
mod security_tests;
mod sizes;
mod words;

use std::fmt;
use std::path::Path;

use anyhow::Result;

/// A broken rule, where it is broken, and what to do.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// A path inside the project.
    path: String,
    /// The line, counted from 1; 0 when the rule is about the whole file.
    line: usize,
    text: String,
}

impl Finding {
    fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.text),
            line => write!(f, "{}:{line}: {}", self.path, self.text),
        }
    }
}

/// A check: what is broken under a root folder.
type Check = fn(&Path) -> Result<Vec<Finding>>;

/// All checks with the rule that each keeps.
const CHECKS: &[(&str, Check)] = &[
    ("a crate depends only on crates of earlier rows", layers::check),
    ("files are small", sizes::check),
    ("nothing is unfinished or private", words::check),
    ("every error code has a page", errors::check),
    ("every dependency has a reason and a user", dependencies::check),
    ("the table of security tests says what the tests say", security_tests::check),
    ("every security test that is due is there", security_tests::check_numbers),
];

/// Runs all checks; with `fix` the generated files are written first.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn run(fix: bool) -> Result<bool> {
    let root = crate::files::root();
    if fix {
        security_tests::fix(&root)?;
    }
    let mut broken = 0;
    for (rule, check) in CHECKS {
        let mut findings = check(&root)?;
        findings.sort();
        println!("{} {rule}", if findings.is_empty() { "ok    " } else { "BROKEN" });
        for finding in &findings {
            println!("       {finding}");
        }
        broken += findings.len();
    }
    Ok(broken == 0)
}

/// A small project in a temporary folder, for the tests of the checks.
#[cfg(test)]
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        crate::files::write(folder.path(), path, text).expect("written");
    }
    folder
}

/// What a check finds in such a project, one line each, sorted.
#[cfg(test)]
fn found(check: Check, files: &[(&str, &str)]) -> Vec<String> {
    let folder = project(files);
    let mut findings = check(folder.path()).expect("the check runs");
    findings.sort();
    findings.iter().map(ToString::to_string).collect()
}
