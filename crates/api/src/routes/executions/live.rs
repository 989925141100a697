//! The stream of a watched run.
//!
//! A run is told of by this process while it is in memory here. While it waits outside of memory, or belongs to
//! another process, the stream stays open and looks at its row, so that a watcher need not know the difference.

use std::{collections::VecDeque, time::Duration};

use axum::response::sse::Event;
use flero_app::{App, executions::Watch};
use flero_engine::LiveEvent;
use flero_model::{ExecutionId, execution::ExecutionStatus};
use futures_util::{Stream, stream};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};

use crate::extract::Caller;

/// How often the row of a run is looked at that is not told of here.
const LOOK: Duration = Duration::from_secs(1);
/// How long a stream lasts at most. Whoever comes again is asked anew for the right to see the run.
const LONGEST: Duration = Duration::from_secs(600);

/// A stream and where it stands.
struct Watching {
    app: App,
    caller: Caller,
    id: ExecutionId,
    live: Option<Receiver<LiveEvent>>,
    /// What is to be told next.
    queue: VecDeque<LiveEvent>,
    /// The state that was told last.
    seen: ExecutionStatus,
    until: Instant,
}

/// What there is to tell of a run.
pub(super) fn events(
    app: App,
    caller: Caller,
    id: ExecutionId,
    watch: Watch,
) -> impl Stream<Item = Event> + Send {
    let mut watching = Watching {
        app,
        caller,
        id,
        live: None,
        queue: VecDeque::new(),
        seen: watch.execution.status,
        until: Instant::now() + LONGEST,
    };
    watching.begin(watch);
    stream::unfold(Some(watching), |watching| async move {
        let mut watching = watching?;
        let event = watching.next().await?;
        let is_last = matches!(event, LiveEvent::Finished { .. });
        Some((written(&event), (!is_last).then_some(watching)))
    })
}

impl Watching {
    /// Tells how the run stands, and its end where it has one.
    fn begin(&mut self, watch: Watch) {
        let Watch { snapshot, execution, live } = watch;
        self.queue.push_back(snapshot);
        if execution.status.is_final() {
            let at = execution.finished_at.unwrap_or(execution.created_at);
            let (status, error) = (execution.status, execution.error);
            self.queue.push_back(LiveEvent::Finished { status, error, at });
        }
        self.seen = execution.status;
        self.live = live;
    }

    /// The next event; none at the end of the stream.
    async fn next(&mut self) -> Option<LiveEvent> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            if Instant::now() >= self.until {
                return None;
            }
            let Some(live) = &mut self.live else {
                tokio::time::sleep(LOOK).await;
                if self.app.has_moved(&self.caller, self.id, self.seen).await.ok()? {
                    self.begin(self.app.watch_execution(&self.caller, self.id).await.ok()?);
                }
                continue;
            };
            match tokio::time::timeout_at(self.until, live.recv()).await {
                Ok(Ok(event)) => {
                    if let LiveEvent::StatusChanged { status, .. } = &event {
                        self.seen = *status;
                    }
                    return Some(event);
                }
                // Too slow a watcher missed some events and is told how things stand.
                Ok(Err(RecvError::Lagged(_))) => {
                    self.begin(self.app.watch_execution(&self.caller, self.id).await.ok()?);
                }
                // It waits outside of memory now, or its end was told to nobody.
                Ok(Err(RecvError::Closed)) => {
                    self.live = None;
                    if self.app.has_moved(&self.caller, self.id, self.seen).await.ok()? {
                        self.begin(self.app.watch_execution(&self.caller, self.id).await.ok()?);
                    }
                }
                Err(_) => return None,
            }
        }
    }
}

fn written(event: &LiveEvent) -> Event {
    let name = match event {
        LiveEvent::Snapshot { .. } => "snapshot",
        LiveEvent::NodeStarted { .. } => "nodeStarted",
        LiveEvent::AttemptFailed { .. } => "attemptFailed",
        LiveEvent::NodeFinished { .. } => "nodeFinished",
        LiveEvent::StatusChanged { .. } => "statusChanged",
        LiveEvent::Finished { .. } => "finished",
    };
    Event::default().event(name).data(serde_json::to_string(event).unwrap_or_default())
}
