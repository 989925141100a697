//! A file that fits on two screens is read whole. Without tests no file has more than 600 lines, and half of
//! all files have at most 120. The length of functions is clippy's (`too_many_lines` in `clippy.toml`).

use std::path::Path;

use anyhow::Result;

use super::Finding;
use crate::files;

/// The longest file, in lines without tests.
const LONGEST: usize = 600;

/// What half of all files stay within.
const HALF: usize = 120;

/// Measures Rust and TypeScript.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut sizes = Vec::new();
    for folder in ["crates", "xtask", "web"] {
        for path in files::list(root, folder, &[".rs", ".ts", ".tsx"])? {
            if files::is_test(&path) || path.contains(".test.") || path.ends_with(".d.ts") {
                continue;
            }
            let lines = without_tests(&files::read(root, &path)?);
            if lines > LONGEST {
                let text = format!("{lines} lines without tests, at most {LONGEST}: split it by idea");
                findings.push(Finding::new(&path, 0, text));
            }
            sizes.push(lines);
        }
    }
    sizes.sort_unstable();
    if let Some(&middle) = sizes.get(sizes.len() / 2).filter(|middle| **middle > HALF) {
        findings.push(Finding::new(
            "crates",
            0,
            format!("half of all files have more than {middle} lines, at most {HALF}"),
        ));
    }
    Ok(findings)
}

/// Lines up to a module of tests at the end of the file.
fn without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let is_start = |at: &usize| {
        let next = lines[at + 1..].iter().find(|line| !line.starts_with("#["));
        lines[*at] == "#[cfg(test)]"
            && next.is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
    };
    (0..lines.len()).find(is_start).unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn a_file_that_is_too_long_is_found() {
        let long = "x\n".repeat(601);
        let short = "x\n";
        let files = [
            ("crates/a/src/long.rs", long.as_str()),
            ("crates/a/src/b.rs", short),
            ("crates/a/src/c.rs", short),
        ];
        assert_eq!(
            found(check, &files),
            ["crates/a/src/long.rs: 601 lines without tests, at most 600: split it by idea"]
        );
    }

    #[test]
    fn tests_do_not_count() {
        let text = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "x\n".repeat(120), "x\n".repeat(900));
        let other = "x\n".repeat(900);
        let files = [
            ("crates/a/src/lib.rs", text.as_str()),
            ("crates/a/src/tests.rs", &other),
            ("crates/a/tests/it/all.rs", &other),
        ];
        assert_eq!(found(check, &files), Vec::<String>::new());
        assert_eq!(without_tests(&text), 120);
    }

    #[test]
    fn half_of_the_files_are_short() {
        let text = "x\n".repeat(121);
        let files = [
            ("crates/a/src/b.rs", text.as_str()),
            ("crates/a/src/c.rs", &text),
            ("crates/a/src/d.rs", "x\n"),
        ];
        assert_eq!(found(check, &files), ["crates: half of all files have more than 121 lines, at most 120"]);
    }
}
