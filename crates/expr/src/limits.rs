//! What one evaluation may cost, and the meter that is read before anything is done or allocated.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use crate::error::{Fault, Stop};

/// The limits of compiling and evaluating the expressions of one parameter tree.
///
/// They hold together for all expressions of one [`crate::Compiled::eval`] call, so that a node with a thousand
/// fields cannot multiply them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Units of work: one for each part of an expression that is evaluated, each element that a function visits and
    /// each 64 bytes of text that it scans. The default of 5,000,000 is below a second on a slow core.
    pub max_steps: u64,
    /// Bytes of all values that are produced, counted before they are allocated and never given back. The default
    /// is 32 MiB.
    pub max_bytes: usize,
    /// Nesting of an expression's source, and of each array or object that is produced. The default of 100 stays
    /// below the 128 levels at which `serde_json` refuses to read a document back.
    pub max_depth: u16,
    /// Bytes of the source of one `{{ }}`. The text around expressions does not count. The default is 64 KiB.
    pub max_source_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_steps: 5_000_000, max_bytes: 32 << 20, max_depth: 100, max_source_bytes: 64 << 10 }
    }
}

/// Bytes of text that cost one step to scan.
const BYTES_A_STEP: usize = 64;

/// Steps that several evaluations share, so that whoever evaluates many expressions in a row can bound them together.
///
/// A [`crate::Scope`] that gives one has each evaluation stop at what is left of it, and pay for what it did. Clones
/// are not possible: there is one count.
#[derive(Debug, Default)]
pub struct Allowance {
    left: AtomicU64,
    is_exceeded: AtomicBool,
}

impl Allowance {
    /// An allowance of `steps` units of work, as [`Limits::max_steps`] counts them.
    #[must_use]
    pub fn new(steps: u64) -> Self {
        Self { left: AtomicU64::new(steps), is_exceeded: AtomicBool::new(false) }
    }

    /// Grants `steps` anew, whatever was left.
    pub fn reset(&self, steps: u64) {
        self.left.store(steps, Relaxed);
        self.is_exceeded.store(false, Relaxed);
    }

    /// The steps that are left.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left.load(Relaxed)
    }

    /// Whether an evaluation stopped because no more were left. Its result has to be thrown away.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        self.is_exceeded.load(Relaxed)
    }

    pub(crate) fn spend(&self, steps: u64) {
        self.left.store(self.left().saturating_sub(steps), Relaxed);
    }

    pub(crate) fn exceed(&self) {
        self.left.store(0, Relaxed);
        self.is_exceeded.store(true, Relaxed);
    }
}

/// What is left of the limits of one evaluation.
#[derive(Debug)]
pub(crate) struct Meter {
    steps: u64,
    bytes: usize,
    /// The deepest array or object that may be produced.
    pub(crate) max_depth: u16,
}

impl Meter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { steps: limits.max_steps, bytes: limits.max_bytes, max_depth: limits.max_depth }
    }

    /// The steps that are left.
    pub(crate) fn left(&self) -> u64 {
        self.steps
    }

    /// Takes `count` steps, or stops the evaluation.
    #[inline]
    pub(crate) fn steps(&mut self, count: usize) -> Result<(), Box<Fault>> {
        match self.steps.checked_sub(count as u64) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(Stop::Steps.into()),
        }
    }

    /// Takes the steps for scanning `bytes` bytes of text.
    #[inline]
    pub(crate) fn scan(&mut self, bytes: usize) -> Result<(), Box<Fault>> {
        self.steps(1 + bytes / BYTES_A_STEP)
    }

    /// Takes `count` bytes, to be called before they are allocated.
    #[inline]
    pub(crate) fn bytes(&mut self, count: usize) -> Result<(), Box<Fault>> {
        match self.bytes.checked_sub(count) {
            Some(left) => {
                self.bytes = left;
                // Filling memory is work too.
                self.steps(count / BYTES_A_STEP)
            }
            None => Err(Stop::Bytes.into()),
        }
    }

    /// Checks that a value of `depth` levels may be produced.
    #[inline]
    pub(crate) fn depth(&self, depth: u16) -> Result<(), Box<Fault>> {
        if depth > self.max_depth { Err(Stop::Depth.into()) } else { Ok(()) }
    }
}
