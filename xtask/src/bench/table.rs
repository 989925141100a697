//! The table.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::load::Load;

/// One measured load.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    name: String,
    connections: u32,
    pub(crate) requests: u64,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    failed: u64,
    /// CPU seconds that the program used.
    pub(crate) cpu: Option<f64>,
}

impl Row {
    pub(crate) fn of(name: &str, connections: u32, load: &Load) -> Self {
        Self {
            name: name.to_owned(),
            connections,
            requests: load.requests,
            per_second: load.per_second,
            p50_ms: load.p50_ms,
            p99_ms: load.p99_ms,
            failed: load.failed,
            cpu: load.cpu,
        }
    }

    /// CPU seconds per 1,000 requests.
    fn cpu_per_1000(&self) -> Option<f64> {
        self.cpu.map(|cpu| cpu * 1_000.0 / self.requests as f64)
    }
}

/// Prints all rows.
pub(crate) fn print(rows: &[Row]) {
    println!(
        "\n{:<34} {:>5} {:>11} {:>9} {:>9} {:>10} {:>7}",
        "", "conn", "per second", "p50 ms", "p99 ms", "CPU s/1000", "failed"
    );
    for row in rows {
        let cpu = row.cpu_per_1000().map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.3}"));
        println!(
            "{:<34} {:>5} {:>11.0} {:>9.2} {:>9.2} {:>10} {:>7}",
            row.name, row.connections, row.per_second, row.p50_ms, row.p99_ms, cpu, row.failed
        );
    }
    println!(
        "Limits at 32 connections: W1 6,000/s, p99 30 ms, 0.25; W2 and W3 8,000/s, 0.20. At one: W1 p50 within 1 ms of the upstream.\n"
    );
}

/// Writes all rows for other programs.
pub(crate) fn write_json(path: &Path, rows: &[Row]) -> Result<()> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({"name": row.name, "connections": row.connections, "perSecond": row.per_second, "p50Ms": row.p50_ms,
                "p99Ms": row.p99_ms, "cpuPer1000": row.cpu_per_1000(), "failed": row.failed})
        })
        .collect();
    Ok(std::fs::write(path, serde_json::to_string_pretty(&rows)?)?)
}
