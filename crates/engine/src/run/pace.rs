//! How much a run does in one go.
//!
//! What nodes without effects do is work for the processor, and up to 100,000 of them can follow each other. So that
//! one run never keeps a worker from all others, a run first takes a *brief* slice, which fits between two requests.
//! What is not done by then goes on in *long* slices, on a thread that nobody waits for. Each slice is a transition
//! of its own: it is recorded before the next begins, and whoever asked for a stop is heard in between.
//!
//! Work is counted, not timed, so that a run does the same on every machine.

use super::{Phase, Run, State, Task};

/// What a brief slice may cost in steps of expressions, about five milliseconds on a slow core.
const BRIEF_STEPS: u64 = 25_000;
/// What a brief slice may record.
const BRIEF_RECORDS: usize = 300;
/// What a long slice may cost in steps of expressions before the next node is left to the next slice; below a second
/// on a slow core.
const LONG_STEPS: u64 = 5_000_000;
/// What a long slice may record.
const LONG_RECORDS: usize = 5_000;
/// What all expressions of one node may cost in steps, so that no node goes on for long whatever the number of items
/// it looks at. One expression has its own limit of a quarter of this.
pub(super) const NODE_STEPS: u64 = 20_000_000;

/// How long one slice of a run may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It is taken where others wait.
    Brief,
    /// It is taken on a thread of its own.
    Long,
    /// As brief as can be, so that a test sees every place at which a run can be interrupted.
    #[cfg(test)]
    Crumb,
}

/// What a slice has left.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) pace: Pace,
    steps: u64,
    records: usize,
}

impl Slice {
    pub(super) fn new(pace: Pace) -> Self {
        match pace {
            Pace::Brief => Self { pace, steps: BRIEF_STEPS, records: BRIEF_RECORDS },
            #[cfg(test)]
            Pace::Crumb => Self { pace, steps: 100, records: 1 },
            Pace::Long => Self { pace, steps: LONG_STEPS, records: LONG_RECORDS },
        }
    }

    /// Whether another node may begin after so many records.
    pub(super) fn goes_on(&self, records: usize) -> bool {
        self.steps > 0 && records < self.records
    }

    /// Grants the next node its steps.
    pub(super) fn grant(&self, run: &Run) -> u64 {
        let granted = if self.pace == Pace::Long { NODE_STEPS } else { self.steps };
        run.allowance.reset(granted);
        granted
    }

    /// Notes what a node took of what it was granted.
    pub(super) fn note(&mut self, run: &Run, granted: u64) {
        self.steps = self.steps.saturating_sub(granted.saturating_sub(run.allowance.left()));
    }
}

impl Run {
    /// Whether there is more to do that waits for nothing: the slice was over before.
    pub(crate) fn has_more(&self) -> bool {
        let may_begin = !self.held.is_empty() && self.in_flight < self.max_in_flight;
        self.phase == Phase::Active && (!self.ready.is_empty() || may_begin)
    }

    /// How many nodes have begun, over all iterations.
    pub(crate) fn node_runs(&self) -> usize {
        self.begun.len()
    }

    /// What the next slice should be.
    pub(crate) fn pace(&self) -> Pace {
        if self.is_long { Pace::Long } else { Pace::Brief }
    }

    /// Forgets what became ready and was done since: a run that is restored has seen all of it.
    pub(super) fn drop_done_tasks(&mut self) {
        let mut ready: Vec<Task> = std::mem::take(&mut self.ready).into();
        ready.retain(|task| match task {
            Task::Node(at) => matches!(self.cell(*at).state, State::Idle),
            Task::Loop(at) => {
                self.looping(*at).is_some_and(|looping| looping.may_iterate() || looping.is_over())
            }
        });
        // A loop is noted anew after each of its iterations.
        ready.dedup();
        self.ready = ready.into();
    }
}
