//! Runs every test in its long size and, when asked, records what was run where.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;

use crate::command::{command, output, show};
use crate::test::counts;

/// Where `--record` adds a line.
const RECORD: &str = "docs/soak/runs.jsonl";

/// The longest a soak may take.
const LIMIT: Duration = Duration::from_hours(168);

/// Runs the tests whose names hold `only`, or all of them, with `FLERO_SOAK=1`. The seed of the property tests is
/// `FLERO_SEED`, or a fresh one that is printed; they read it as `PROPTEST_RNG_SEED`.
///
/// # Errors
/// When cargo cannot be started or the record cannot be written.
pub(crate) fn run(record: bool, only: Option<&str>) -> Result<bool> {
    let seed = match std::env::var("FLERO_SEED") {
        Ok(seed) => seed.parse::<u64>().context("FLERO_SEED is not a number from 0 to 2^64 - 1")?,
        Err(_) => fresh_seed(),
    };
    println!("seed {seed}: repeat with FLERO_SEED={seed} cargo xtask soak");
    let start = Instant::now();
    let mut tests =
        command("cargo", &["nextest", "run", "--workspace", "--profile", "soak", "--no-fail-fast"]);
    tests.args(only);
    tests.env("FLERO_SOAK", "1").env("PROPTEST_RNG_SEED", seed.to_string());
    let (status, lines) = show(tests, LIMIT)?;
    let (passed, failed) = counts::nextest(&lines).context("the test runner printed no summary")?;
    if record {
        append(&json!({
            "time": output("date", &["-u", "+%Y-%m-%dT%H:%M:%SZ"])?.trim(),
            "commit": output("git", &["rev-parse", "HEAD"])?.trim(),
            "clean": output("git", &["status", "--porcelain"])?.trim().is_empty(),
            "seed": seed,
            "only": only,
            "seconds": start.elapsed().as_secs(),
            "passed": passed,
            "failed": failed,
            "machine": machine(),
        }))?;
    }
    println!("{passed} passed, {failed} failed");
    Ok(status.success())
}

/// A number that differs from run to run: the standard library seeds its hashers from the system.
fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0_u8)
}

/// Processor, number of them, memory and kernel, as Linux names them.
fn machine() -> serde_json::Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    json!({
        "cpu": field(&read("/proc/cpuinfo"), "model name"),
        "cpus": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        "memory": field(&read("/proc/meminfo"), "MemTotal"),
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
    })
}

/// Adds one line to the record.
fn append(line: &serde_json::Value) -> Result<()> {
    let path = crate::files::root().join(RECORD);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
    writeln!(file, "{line}").with_context(|| format!("writing {RECORD}"))
}
