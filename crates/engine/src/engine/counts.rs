//! How many runs began and ended in this process, for whoever watches it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use flero_model::execution::ExecutionStatus;

use super::Engine;

/// The states in which runs end.
const ENDS: [ExecutionStatus; 4] =
    [ExecutionStatus::Success, ExecutionStatus::Failed, ExecutionStatus::Cancelled, ExecutionStatus::Timeout];

#[derive(Debug, Default)]
pub(super) struct Counters {
    accepted: AtomicU64,
    ended: [AtomicU64; ENDS.len()],
}

/// What this process has done since its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Runs that were accepted.
    pub accepted: u64,
    /// Runs that ended here, by state.
    pub ended: [(ExecutionStatus, u64); ENDS.len()],
    /// Runs that are in memory now: those that go on, and those that wait for their place.
    pub live: u64,
}

impl Counters {
    pub(super) fn accepted(&self) {
        self.accepted.fetch_add(1, Relaxed);
    }

    /// Notes an end; a state that is none is not noted.
    pub(super) fn ended(&self, status: ExecutionStatus) {
        if let Some(place) = ENDS.iter().position(|end| *end == status) {
            self.ended[place].fetch_add(1, Relaxed);
        }
    }
}

impl Engine {
    /// What this process has done since its start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let counters = &self.0.counters;
        Counts {
            accepted: counters.accepted.load(Relaxed),
            ended: std::array::from_fn(|place| (ENDS[place], counters.ended[place].load(Relaxed))),
            live: self.0.live.len() as u64,
        }
    }
}
