//! The stream of what happens among a workspace's runs.
//!
//! However many runs there are, the newest of them are looked at twice a second at most, and what changed among them
//! is told in one event.

use std::{collections::HashMap, time::Duration};

use axum::response::sse::Event;
use flero_app::{App, Changes};
use flero_model::{ExecutionId, Timestamp, WorkspaceId, execution::ExecutionStatus};
use flero_store::{
    PageRequest,
    executions::{Execution, ExecutionFilter},
};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::ExecutionItem;
use crate::extract::Caller;

/// The time between two events at least.
const PAUSE: Duration = Duration::from_millis(500);
/// How often the store is looked at besides: another process may carry runs out.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// As many of the newest runs are looked at.
const NEWEST: u32 = 50;
/// How long a stream lasts at most. Whoever comes again is asked anew for the right to see the runs, and is told to read
/// the list again, in which an older run may have ended.
const LONGEST: Duration = Duration::from_secs(120);

/// What happened among the runs of a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExecutionsMovedBody {
    /// The runs that began, ended or changed their state, newest first.
    items: Vec<ExecutionItem>,
    /// Whether more happened than is told here, so that the list has to be read again.
    more: bool,
}

/// What of a run changes.
type State = (ExecutionStatus, Option<Timestamp>, Option<Timestamp>);

fn state(run: &Execution) -> State {
    (run.status, run.started_at, run.finished_at)
}

/// A stream and where it stands.
struct Watching {
    app: App,
    caller: Caller,
    changes: Changes<WorkspaceId>,
    /// The newest runs as they were seen last.
    seen: HashMap<ExecutionId, State>,
    until: Instant,
}

/// What happens among the runs that the caller may see. First it is told to read the list, which may have changed
/// since it was read.
pub(super) fn events(
    app: App,
    caller: Caller,
    changes: Changes<WorkspaceId>,
    newest: Vec<Execution>,
) -> impl Stream<Item = Event> + Send {
    let seen = newest.into_iter().map(|run| (run.id, state(&run))).collect();
    let watching = Watching { app, caller, changes, seen, until: Instant::now() + LONGEST };
    let first = written(&ExecutionsMovedBody { items: Vec::new(), more: true });
    let rest = stream::unfold(watching, |mut watching| async move {
        let moved = watching.next().await?;
        Some((written(&moved), watching))
    });
    stream::iter([first]).chain(rest)
}

/// The newest runs that the caller may see.
pub(super) async fn newest(app: &App, caller: &Caller) -> flero_app::Result<Vec<Execution>> {
    let page = PageRequest { limit: NEWEST, cursor: None };
    Ok(app.list_executions(caller, ExecutionFilter::default(), page).await?.items)
}

impl Watching {
    /// What happened since it was told last; none at the end of the stream.
    async fn next(&mut self) -> Option<ExecutionsMovedBody> {
        while Instant::now() < self.until {
            tokio::time::sleep(PAUSE).await;
            self.changes.wait_for(self.caller.workspace, LOOK_EVERY).await;
            let newest = newest(&self.app, &self.caller).await.ok()?;
            let moved = moved(&mut self.seen, newest);
            if moved.more || !moved.items.is_empty() {
                return Some(moved);
            }
        }
        None
    }
}

/// What is new among the newest runs, which are the seen ones from then on.
fn moved(seen: &mut HashMap<ExecutionId, State>, newest: Vec<Execution>) -> ExecutionsMovedBody {
    let now = newest.iter().map(|run| (run.id, state(run))).collect();
    let before = std::mem::replace(seen, now);
    // Without one that was seen before, there may be others between them and those that were.
    let is_whole = newest.len() < NEWEST as usize || newest.iter().any(|run| before.contains_key(&run.id));
    let changed = |run: &Execution| before.get(&run.id) != Some(&state(run));
    let items = newest.into_iter().filter(changed).map(ExecutionItem::from).collect();
    ExecutionsMovedBody { items, more: !is_whole }
}

fn written(moved: &ExecutionsMovedBody) -> Event {
    Event::default().event("executions").data(serde_json::to_string(moved).unwrap_or_default())
}
