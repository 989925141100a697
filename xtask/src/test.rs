//! `cargo xtask test`: installs what is missing, then runs every check and every test.
//!
//! Each part says what it does and how long it took. A part that did not run is a failure: there is nothing
//! to skip. The last line sums up: a runner of tests counts its tests, every other part counts as one.

pub(crate) mod counts;
mod parts;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// What a part that ran has to say.
pub(crate) struct Counted {
    passed: u64,
    failed: u64,
    /// Shown beside the part.
    note: String,
}

impl Counted {
    /// A part that counts as one and is fine.
    fn fine(note: impl Into<String>) -> Self {
        Self { passed: 1, failed: 0, note: note.into() }
    }
}

/// One part with its name.
struct Part {
    name: &'static str,
    run: fn() -> Result<Counted>,
}

/// The parts, in the order of how soon each can say no.
const PARTS: &[Part] = &[
    Part { name: "tools", run: parts::tools },
    Part { name: "format", run: parts::format },
    Part { name: "tidy", run: parts::tidy },
    Part { name: "supply chain", run: parts::supply_chain },
    Part { name: "clippy", run: parts::clippy },
    Part { name: "tests", run: parts::tests },
    Part { name: "peers", run: parts::peers },
    Part { name: "doc tests", run: parts::doc_tests },
    Part { name: "web", run: parts::web },
    Part { name: "browser", run: parts::browser },
];

/// A line of the table at the end.
struct Row {
    name: &'static str,
    time: Duration,
    counted: Counted,
}

/// Runs the named parts, or all of them, whatever fails on the way.
///
/// # Errors
/// A name that no part has.
pub(crate) fn run(names: &[&str]) -> Result<bool> {
    if let Some(unknown) = names.iter().find(|name| PARTS.iter().all(|part| part.name != **name)) {
        let known: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        bail!("there is no part {unknown:?}; the parts are: {}", known.join(", "));
    }
    let wanted = PARTS.iter().filter(|part| names.is_empty() || names.contains(&part.name));
    let rows: Vec<Row> = wanted.map(run_part).collect();
    Ok(sum_up(&rows))
}

/// Runs one part between two lines that say so.
fn run_part(part: &Part) -> Row {
    println!("\n==> {}", part.name);
    let start = Instant::now();
    let counted = match (part.run)() {
        Ok(counted) if counted.passed + counted.failed == 0 => {
            Counted { passed: 0, failed: 1, note: "nothing ran".into() }
        }
        Ok(counted) => counted,
        Err(error) => Counted { passed: 0, failed: 1, note: format!("{error:#}") },
    };
    let time = start.elapsed();
    println!("<== {}: {} ({:.1} s)", part.name, verdict(&counted), time.as_secs_f64());
    Row { name: part.name, time, counted }
}

fn verdict(counted: &Counted) -> String {
    let word = if counted.failed == 0 { "ok" } else { "FAILED" };
    if counted.note.is_empty() { word.into() } else { format!("{word}, {}", counted.note) }
}

/// Prints the table and the closing line; true when nothing failed.
fn sum_up(rows: &[Row]) -> bool {
    println!();
    for Row { name, time, counted } in rows {
        println!("{name:<14} {:>7.1} s  {}", time.as_secs_f64(), verdict(counted));
    }
    let passed: u64 = rows.iter().map(|row| row.counted.passed).sum();
    let failed: u64 = rows.iter().map(|row| row.counted.failed).sum();
    println!("\n{passed} passed, {failed} failed");
    failed == 0
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_part_that_ran_nothing_has_failed() {
        let part = Part { name: "empty", run: || Ok(Counted { passed: 0, failed: 0, note: String::new() }) };
        let row = run_part(&part);
        assert_eq!((row.counted.passed, row.counted.failed), (0, 1));
    }

    #[test]
    fn a_part_that_cannot_run_has_failed() {
        let part = Part { name: "broken", run: || bail!("no such tool") };
        let row = run_part(&part);
        assert_eq!((row.counted.failed, row.counted.note.as_str()), (1, "no such tool"));
        assert!(!sum_up(&[row]));
        assert!(sum_up(&[run_part(&Part { name: "good", run: || Ok(Counted::fine("")) })]));
    }
}
