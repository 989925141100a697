//! What a sandbox may use: the program of its children, how many, and how much each call.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How children are started and kept.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// The program that calls [`crate::child_main`]; in the product the running binary itself.
    pub program: PathBuf,
    /// Arguments that make the program call [`crate::child_main`].
    pub args: Vec<String>,
    /// Children alive at one time, over all workspaces; at least 1.
    pub children: usize,
    /// Calls after which a child is replaced, so that a slow leak of the engine cannot grow.
    pub calls_per_child: u32,
    /// How long a child may sit unused before it is ended.
    pub idle: Duration,
    /// How long a call waits for a free child before it is refused with [`crate::Error::Busy`].
    pub queue: Duration,
    /// What each call may use.
    pub limits: Limits,
}

impl SandboxConfig {
    /// The defaults with the given child program: four children, each kept for 1,000 calls or 60 s.
    pub fn new(program: PathBuf, args: Vec<String>) -> Self {
        Self {
            program,
            args,
            children: 4,
            calls_per_child: 1_000,
            idle: Duration::from_secs(60),
            queue: Duration::from_secs(30),
            limits: Limits::default(),
        }
    }
}

/// What one call may use. Sizes are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory of the JavaScript engine.
    pub memory_bytes: usize,
    /// Native stack of the JavaScript engine; deeper recursion is a `RangeError` in the code.
    pub stack_bytes: usize,
    /// The longest source.
    pub source_bytes: usize,
    /// The longest input, as JSON.
    pub input_bytes: usize,
    /// The longest result, as JSON.
    pub output_bytes: usize,
    /// Lines that `console` keeps; later ones are dropped.
    pub log_lines: usize,
    /// Bytes that `console` keeps over all lines.
    pub log_bytes: usize,
    /// The longest time one call may be given; a longer request is cut to this.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            stack_bytes: 512 << 10,
            source_bytes: 256 << 10,
            input_bytes: 16 << 20,
            output_bytes: 16 << 20,
            log_lines: 100,
            log_bytes: 16 << 10,
            timeout: Duration::from_secs(30),
        }
    }
}

impl Limits {
    /// CPU seconds a child may use in its whole life (`RLIMIT_CPU`): the second line of defence behind the
    /// watchdog, for a server that is itself stopped. A child that used half of it is replaced in time.
    pub(crate) fn cpu_seconds(&self) -> u64 {
        self.timeout.as_secs().saturating_mul(4).max(20)
    }

    /// The longest frame a child may send: the result, the logs with their worst escaping, and names.
    pub(crate) fn answer_bytes(&self) -> usize {
        self.output_bytes
            .saturating_add(self.log_bytes.saturating_mul(6))
            .saturating_add(self.log_lines.saturating_mul(8))
            .saturating_add(64 << 10)
    }
}
