//! The runs that this process carries out now, and who waits for them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use flero_model::ExecutionId;
use tokio::sync::{Notify, broadcast, oneshot};

use crate::{Finished, LiveEvent};

/// How many events a slow watcher may be behind before it misses some.
const EVENTS: usize = 256;

/// The runs that go on.
#[derive(Default)]
pub(super) struct Live {
    runs: Mutex<HashMap<ExecutionId, Arc<LiveRun>>>,
    empty: Notify,
}

/// One run that goes on.
#[derive(Default)]
pub(super) struct LiveRun {
    waiters: Mutex<Waiters>,
    events: OnceLock<broadcast::Sender<LiveEvent>>,
    /// Somebody asked to stop it.
    pub(super) cancel: Notify,
}

#[derive(Default)]
struct Waiters {
    list: Vec<oneshot::Sender<Finished>>,
    /// The run has left; whoever comes now has to ask the store.
    has_left: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
    pub(super) fn len(&self) -> usize {
        locked(&self.runs).len()
    }

    pub(super) fn has(&self, id: ExecutionId) -> bool {
        locked(&self.runs).contains_key(&id)
    }

    /// Enters a run; `None` when it is there already.
    pub(super) fn enter(&self, id: ExecutionId) -> Option<Arc<LiveRun>> {
        let mut runs = locked(&self.runs);
        match runs.entry(id) {
            std::collections::hash_map::Entry::Occupied(_) => None,
            std::collections::hash_map::Entry::Vacant(place) => {
                Some(Arc::clone(place.insert(Arc::default())))
            }
        }
    }

    /// Takes a run out. With an end, whoever waits is told; without one they ask the store.
    pub(super) fn leave(&self, id: ExecutionId, end: Option<&Finished>) {
        let (run, is_empty) = {
            let mut runs = locked(&self.runs);
            (runs.remove(&id), runs.is_empty())
        };
        if let Some(run) = run {
            let mut waiters = locked(&run.waiters);
            waiters.has_left = true;
            for waiter in waiters.list.drain(..) {
                if let Some(end) = end {
                    // Nobody may be there any more; that is their affair.
                    let _ = waiter.send(end.clone());
                }
            }
        }
        if is_empty {
            self.empty.notify_waiters();
        }
    }

    /// Waits for a run's end; `None` when it does not go on here.
    pub(super) fn end_of(&self, id: ExecutionId) -> Option<oneshot::Receiver<Finished>> {
        let run = locked(&self.runs).get(&id).cloned()?;
        run.end()
    }

    pub(super) fn cancel(&self, id: ExecutionId) -> bool {
        let run = locked(&self.runs).get(&id).cloned();
        if let Some(run) = &run {
            run.cancel.notify_one();
        }
        run.is_some()
    }

    pub(super) fn subscribe(&self, id: ExecutionId) -> Option<broadcast::Receiver<LiveEvent>> {
        let run = locked(&self.runs).get(&id).cloned()?;
        Some(run.events.get_or_init(|| broadcast::channel(EVENTS).0).subscribe())
    }

    /// Waits until no run goes on, at most for `grace`; returns how many still do.
    pub(super) async fn drained(&self, grace: Duration) -> usize {
        let wait = async {
            loop {
                let empty = self.empty.notified();
                if self.len() == 0 {
                    return;
                }
                empty.await;
            }
        };
        // Whether it was in time is told by the count.
        let _ = tokio::time::timeout(grace, wait).await;
        self.len()
    }
}

impl LiveRun {
    pub(super) fn end(&self) -> Option<oneshot::Receiver<Finished>> {
        let mut waiters = locked(&self.waiters);
        if waiters.has_left {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        waiters.list.push(sender);
        Some(receiver)
    }

    /// Whether anybody watches, so that nothing is made for nobody.
    pub(super) fn is_watched(&self) -> bool {
        self.events.get().is_some_and(|events| events.receiver_count() > 0)
    }

    pub(super) fn tell(&self, event: LiveEvent) {
        if let Some(events) = self.events.get() {
            // Without a watcher there is nobody to tell.
            let _ = events.send(event);
        }
    }
}
