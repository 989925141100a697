//! What the writing thread has done, for whoever watches the program.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The upper bounds of the sizes of groups that are counted, in jobs.
pub const GROUP_BOUNDS: [u64; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// Counted by the writing thread, read by anybody.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    groups: [AtomicU64; GROUP_BOUNDS.len()],
    jobs: AtomicU64,
    rolled_back: AtomicU64,
    waiting: AtomicU64,
}

/// What the writer has done since the store was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterCounts {
    /// How many groups were committed, by the least of [`GROUP_BOUNDS`] that their size is not above.
    pub groups: [u64; GROUP_BOUNDS.len()],
    /// How many jobs they held together.
    pub jobs: u64,
    /// How many groups were rolled back whole.
    pub rolled_back: u64,
    /// How many jobs waited when the last group was taken.
    pub waiting: u64,
}

impl Counters {
    pub(super) fn taken(&self, waiting: usize) {
        self.waiting.store(waiting as u64, Relaxed);
    }

    pub(super) fn ended(&self, jobs: usize, is_kept: bool) {
        if !is_kept {
            self.rolled_back.fetch_add(1, Relaxed);
            return;
        }
        let jobs = jobs as u64;
        let place = GROUP_BOUNDS.iter().position(|bound| jobs <= *bound).unwrap_or(GROUP_BOUNDS.len() - 1);
        self.groups[place].fetch_add(1, Relaxed);
        self.jobs.fetch_add(jobs, Relaxed);
    }

    pub(crate) fn read(&self) -> WriterCounts {
        WriterCounts {
            groups: std::array::from_fn(|place| self.groups[place].load(Relaxed)),
            jobs: self.jobs.load(Relaxed),
            rolled_back: self.rolled_back.load(Relaxed),
            waiting: self.waiting.load(Relaxed),
        }
    }
}
