//! Long work of runs, on threads that nobody else waits for.

use super::{Engine, drive::Going};
use crate::{
    failure::Failure,
    guard,
    run::{Event, Pace, Run, Step},
};

/// How many records or nodes of a run are too many to be looked at where others wait.
pub(super) const LARGE: usize = 2_000;

/// How many long slices are taken at the same time.
pub(super) fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).saturating_sub(1).max(1)
}

/// Does pure work, on another thread if it is much. A panic in it is a failure.
pub(super) async fn beside<T: Send + 'static>(
    is_much: bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    if !is_much {
        return guard::catch(|| Ok(work()));
    }
    match tokio::task::spawn_blocking(move || guard::catch(|| Ok(work()))).await {
        Ok(done) => done,
        // The panic was caught inside; what is left is a runtime that shuts down, and this task with it.
        Err(_) => std::future::pending().await,
    }
}

impl Engine {
    /// Decides what an event leads to: here when it is brief, else on another thread.
    ///
    /// # Errors
    /// When a decision panicked; the run is lost then, and only its journal is left.
    pub(super) async fn decide(&self, going: &mut Going, event: Event) -> Result<Step, Failure> {
        let now = self.now();
        // What a restored run has in flight begins again all at once.
        if going.run.pace() == Pace::Brief && !matches!(event, Event::Resumed) {
            return Ok(going.run.take(event, now, Pace::Brief));
        }
        let _place = self.0.long_slices.acquire().await;
        let mut run = going.run.take_out();
        let work = move || {
            let step = run.take(event, now, Pace::Long);
            (run, step)
        };
        let (run, step) = beside(true, work).await?;
        going.run = run;
        Ok(step)
    }
}

impl Run {
    /// Whether it has so many nodes that a look at all of them should not be taken where others wait.
    pub(super) fn is_large(&self) -> bool {
        self.node_runs() > LARGE
    }
}
