//! The load generator: `wrk` (<https://github.com/wg/wrk>), a Debian package.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::process::Process;

/// What one load showed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Load {
    /// Requests answered.
    pub(crate) requests: u64,
    /// Requests answered per second.
    pub(crate) per_second: f64,
    /// Median latency in milliseconds.
    pub(crate) p50_ms: f64,
    /// 99th percentile of latency in milliseconds.
    pub(crate) p99_ms: f64,
    /// Answers that were not 2xx or 3xx, and connections that failed.
    pub(crate) failed: u64,
    /// CPU seconds that the loaded process used meanwhile, where one was named.
    pub(crate) cpu: Option<f64>,
}

/// Installs `wrk` where it is missing.
pub(crate) fn install() -> Result<()> {
    if Command::new("wrk").arg("-v").output().is_ok() {
        return Ok(());
    }
    println!("Installing wrk ...");
    let update = Command::new("apt-get").args(["update", "-qq"]).status()?;
    let install =
        Command::new("apt-get").args(["install", "-y", "-qq", "--no-install-recommends", "wrk"]).status()?;
    if !update.success() || !install.success() {
        bail!("wrk could not be installed; install it and call again");
    }
    Ok(())
}

/// Loads a URL on loopback for a bounded time, after a second of warm-up that is not counted.
pub(crate) fn run(url: &str, connections: u32, seconds: u32, loaded: Option<Process>) -> Result<Load> {
    if !url.starts_with("http://127.0.0.1:") {
        bail!("only loopback is ever loaded");
    }
    let call = |seconds: u32| {
        Command::new("wrk")
            .args([
                "-t1",
                &format!("-c{connections}"),
                &format!("-d{seconds}s"),
                "--latency",
                "--timeout",
                "10s",
                url,
            ])
            .output()
    };
    let cpu = || loaded.map(Process::cpu_seconds).transpose();
    call(1)?;
    let before = cpu()?;
    let output = call(seconds)?;
    let after = cpu()?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("wrk failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let load = parse(&text).with_context(|| format!("wrk printed something else than expected:\n{text}"))?;
    Ok(Load { cpu: before.zip(after).map(|(before, after)| after - before), ..load })
}

fn parse(text: &str) -> Option<Load> {
    let mut load = Load { requests: 0, per_second: 0.0, p50_ms: 0.0, p99_ms: 0.0, failed: 0, cpu: None };
    for line in text.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["50%", time] => load.p50_ms = millis(time)?,
            ["99%", time] => load.p99_ms = millis(time)?,
            ["Requests/sec:", number] => load.per_second = number.parse().ok()?,
            [count, "requests", "in", ..] => load.requests = count.parse().ok()?,
            ["Non-2xx", .., count] => load.failed += count.parse::<u64>().ok()?,
            ["Socket", "errors:", rest @ ..] => {
                load.failed += rest
                    .iter()
                    .filter_map(|word| word.trim_end_matches(',').parse::<u64>().ok())
                    .sum::<u64>();
            }
            _ => {}
        }
    }
    (load.requests > 0).then_some(load)
}

fn millis(text: &str) -> Option<f64> {
    for (unit, factor) in [("us", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 6e4)] {
        if let Some(number) = text.strip_suffix(unit).and_then(|number| number.parse::<f64>().ok()) {
            return Some(number * factor);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_wrk_is_read() {
        let text = "Running 8s test @ http://127.0.0.1:1/\n  1 threads and 32 connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency     2.01ms  480.73us  12.40ms   90.00%\n  Latency Distribution\n     50%    1.93ms\n     75%    2.10ms\n     90%    2.40ms\n     99%  812.00us\n  127,x\n  127432 requests in 8.01s, 18.11MB read\n  Socket errors: connect 0, read 3, write 0, timeout 1\n  Non-2xx or 3xx responses: 7\nRequests/sec:  15910.01\nTransfer/sec:      2.26MB\n";
        let load = parse(text).unwrap();
        assert_eq!(
            load,
            Load {
                requests: 127_432,
                per_second: 15_910.01,
                p50_ms: 1.93,
                p99_ms: 0.812,
                failed: 11,
                cpu: None
            }
        );
    }
}
