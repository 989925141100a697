//! What the kernel counts of a process. Source: proc(5).

use anyhow::{Context as _, Result};

/// A running process, by its id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// CPU seconds used so far, user and system, ended children included.
    pub(crate) fn cpu_seconds(self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        // The command's name may hold blanks; the fields after its closing parenthesis do not.
        let fields: Vec<&str> =
            stat.rsplit_once(')').context("no name in stat")?.1.split_whitespace().collect();
        let ticks: u64 = fields
            .get(11..15)
            .context("stat is short")?
            .iter()
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        // USER_HZ is 100 on every Linux architecture that Rust supports as tier 1.
        Ok(ticks as f64 / 100.0)
    }

    /// Resident memory in kilobytes.
    pub(crate) fn rss_kb(self) -> Result<u64> {
        self.status_kb("VmRSS:")
    }

    /// The most resident memory that it has had since it began, in kilobytes.
    pub(crate) fn peak_rss_kb(self) -> Result<u64> {
        self.status_kb("VmHWM:")
    }

    fn status_kb(self, name: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line =
            status.lines().find(|line| line.starts_with(name)).context("a line of status is missing")?;
        let number = line.split_whitespace().nth(1).and_then(|word| word.parse().ok());
        number.context("a line of status holds no number")
    }
}
