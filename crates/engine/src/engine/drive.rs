//! The task of a run with effects: what happens, what follows, append, carry out.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError},
    time::Duration,
};

use flero_connect::{Purpose, UseOutcome, outcome::actor};
use flero_model::{
    ExecutionId, OrganizationId, Timestamp, UserId, WorkspaceId,
    audit::{AuditAction, NewAudit},
    execution::{NodeStatus, TriggerKind},
    workflow::ErrorPolicy,
};
use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{Engine, gates::Pass, live::LiveRun, persist::Appended, start::finished};
use crate::{
    CompiledWorkflow, LiveEvent,
    failure::Failure,
    guard::Caught,
    journal::Record,
    run::{Command, EffectResult, Event, Run, Step, Ticket},
};

/// How long a run sleeps at most before it looks at the clock again: so it follows a clock that is set.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// What is known of a run besides its state, for good.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) id: ExecutionId,
    pub(super) workspace: WorkspaceId,
    pub(super) organization: OrganizationId,
    pub(super) acting_for: UserId,
    pub(super) trigger: TriggerKind,
    pub(super) workflow: Arc<CompiledWorkflow>,
}

impl Facts {
    /// Whether the run is kept though it ended well. One that a parent waits for is: after a crash the parent
    /// asks for it again.
    pub(super) fn keeps_success(&self) -> bool {
        self.workflow.settings.save_successful_runs || matches!(self.trigger, TriggerKind::SubWorkflow { .. })
    }
}

/// A run that goes on.
pub(super) struct Going {
    pub(super) facts: Arc<Facts>,
    pub(super) run: Run,
    /// Journal entries that are stored.
    pub(super) entries: u64,
    pub(super) live: Arc<LiveRun>,
    pub(super) pass: Pass,
}

/// What came of an effect.
pub(super) struct Landed {
    pub(super) event: Event,
    /// How the credential's use ended, to be stored with the result.
    pub(super) used: Option<UseOutcome>,
}

type Flight = Pin<Box<dyn Future<Output = (Ticket, Box<Landed>)> + Send>>;

/// What the task of a run woke up for.
enum Woken {
    Landed(Ticket, Box<Landed>),
    Timer,
    Cancel,
}

impl Engine {
    /// As [`Self::drive`]. A panic in it ends the run instead of leaving it without anybody.
    pub(super) async fn drive_guarded(&self, going: Going, step: Step) {
        let id = going.facts.id;
        let Err(failure) = Caught::new(self.drive(going, step)).await else { return };
        self.end_after_panic(id, failure).await;
    }

    async fn end_after_panic(&self, id: ExecutionId, failure: Failure) {
        tracing::error!(execution = %id, error = %failure.message, "the task of a run panicked");
        self.0.live.leave(id, None);
        if let Ok(execution) = self.0.store.get_execution_anywhere(id).await
            && !execution.status.is_final()
        {
            let location = crate::Location(failure.message);
            self.give_up(&execution, &crate::Error::Internal { location }).await;
        }
    }

    /// Takes a run that waits for long out of memory. Somebody may have asked to stop it just before.
    async fn park(&self, id: ExecutionId) {
        self.0.live.leave(id, None);
        let execution = self.0.store.get_execution_anywhere(id).await;
        if execution.is_ok_and(|execution| execution.cancel_requested) {
            self.0.postponed.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        }
    }

    /// Carries a run out to its end, or until it only waits for long, or belongs to somebody else. `step` is
    /// committed already.
    pub(super) async fn drive(&self, mut going: Going, step: Step) {
        let mut flights = FuturesUnordered::new();
        let mut uses = HashMap::new();
        let mut step = step;
        if going.run.is_pending() {
            let Some(first) = self.wait_for_place(&mut going).await else { return };
            step = first;
        }
        loop {
            self.tell(&going, &step);
            if going.run.status().is_final() {
                return self.leave(&going).await;
            }
            for command in step.commands {
                self.launch(&going, command, &mut flights, &mut uses).await;
            }
            if flights.is_empty() && self.is_parked(&going.run) {
                return self.park(going.facts.id).await;
            }
            let (event, audit) = match self.next(&going, &mut flights).await {
                Woken::Cancel => (Event::Cancel, Vec::new()),
                Woken::Timer => (Event::Tick, Vec::new()),
                Woken::Landed(ticket, landed) => {
                    uses.remove(&ticket);
                    let now = self.now();
                    let row = landed.used.map(|used| {
                        self.note_use(&used, now);
                        used.record(now)
                    });
                    (landed.event, row.into_iter().collect())
                }
            };
            match self.transition(&mut going, vec![event], audit, &mut uses).await {
                Some(next) => step = next,
                None => return self.0.live.leave(going.facts.id, None),
            }
        }
    }

    /// What brings a restored run to life again.
    pub(super) async fn first_transition(&self, going: &mut Going, events: Vec<Event>) -> Option<Step> {
        self.transition(going, events, Vec::new(), &mut HashMap::new()).await
    }

    /// Decides and appends. `None` when the run is not ours any more.
    async fn transition(
        &self,
        going: &mut Going,
        events: Vec<Event>,
        mut audit: Vec<NewAudit>,
        uses: &mut HashMap<Ticket, UseOutcome>,
    ) -> Option<Step> {
        let mut step = Step::default();
        let before = going.run.status();
        for event in events {
            let next = match self.decide(going, event).await {
                Ok(next) => next,
                Err(failure) => {
                    self.end_after_panic(going.facts.id, failure).await;
                    return None;
                }
            };
            step.records.extend(next.records);
            step.commands.extend(next.commands);
        }
        if step.records.is_empty() && audit.is_empty() {
            return Some(step);
        }
        let status = going.run.status();
        if status.is_final() {
            // What is still in flight is given up; that it was used stays on record.
            let now = self.now();
            audit.extend(uses.drain().map(|(_, used)| used.record(now)));
            if going.facts.workflow.settings.error_policy == ErrorPolicy::Workflow {
                // Before the end is stored: a crash in between repeats it, and its key keeps it from happening twice.
                self.run_error_workflow(&going.facts, &going.run).await;
            }
        }
        match self.append(going, &step, audit).await {
            Appended::Done => {
                self.0.counters.ended(status);
                if status != before {
                    self.tell_workspace(&going.facts);
                }
                Some(step)
            }
            Appended::Lost => None,
        }
    }

    /// Waits until the run may begin beside the others of its trigger.
    async fn wait_for_place(&self, going: &mut Going) -> Option<Step> {
        let cancelled = tokio::select! {
            biased;
            () = going.live.cancel.notified() => true,
            () = going.pass.wait() => false,
        };
        let event = if cancelled { Event::Cancel } else { Event::Go };
        let step = self.transition(going, vec![event], Vec::new(), &mut HashMap::new()).await;
        if step.is_none() {
            self.0.live.leave(going.facts.id, None);
        }
        step
    }

    /// Whether nothing goes on but a long wait, so that the run can be taken out of memory.
    fn is_parked(&self, run: &Run) -> bool {
        let Some(wake) = run.wake_at().filter(|_| run.only_waits()) else { return false };
        let left = u64::try_from(wake.millis_since(self.now())).unwrap_or(0);
        Duration::from_millis(left) > self.0.config.park_after
    }

    async fn next(&self, going: &Going, flights: &mut FuturesUnordered<Flight>) -> Woken {
        if going.run.has_more() {
            return tokio::select! {
                biased;
                Some((ticket, landed)) = flights.next(), if !flights.is_empty() => Woken::Landed(ticket, landed),
                () = going.live.cancel.notified() => Woken::Cancel,
                () = tokio::task::yield_now() => Woken::Timer,
            };
        }
        loop {
            let sleep = going.run.wake_at().map(|wake| {
                let left = u64::try_from(wake.millis_since(self.now())).unwrap_or(0);
                Duration::from_millis(left)
            });
            if sleep == Some(Duration::ZERO) {
                return Woken::Timer;
            }
            let nap = sleep.map_or(LONGEST_SLEEP, |sleep| sleep.min(LONGEST_SLEEP));
            tokio::select! {
                biased;
                Some((ticket, landed)) = flights.next(), if !flights.is_empty() => return Woken::Landed(ticket, landed),
                () = going.live.cancel.notified() => return Woken::Cancel,
                () = tokio::time::sleep(nap) => {}
            }
        }
    }

    /// Begins an effect whose step is committed.
    async fn launch(
        &self,
        going: &Going,
        command: Command,
        flights: &mut FuturesUnordered<Flight>,
        uses: &mut HashMap<Ticket, UseOutcome>,
    ) {
        let ticket = command.ticket();
        if let Some(used) = self.given_up(going, &command).await {
            uses.insert(ticket, used);
        }
        let lost = uses.get(&ticket).cloned();
        let (engine, facts) = (self.clone(), Arc::clone(&going.facts));
        flights.push(Box::pin(async move {
            let landed = match Caught::new(engine.carry_out(facts, command)).await {
                Ok(landed) => landed,
                Err(failure) => {
                    let mut used = lost;
                    if let Some(used) = &mut used {
                        used.detail.outcome = Some("internal.panic".to_owned());
                    }
                    Landed { event: Event::Effect(ticket, EffectResult::Failed(failure)), used }
                }
            };
            (ticket, Box::new(landed))
        }));
    }

    /// The outcome row of a use that is given up before it ends, for example because the run took too long.
    async fn given_up(&self, going: &Going, command: &Command) -> Option<UseOutcome> {
        let (ticket, node) = command.used_by()?;
        let credential = command.credential()?;
        let principal = self.principal(&going.facts).await.ok()?;
        let purpose = Purpose::Node {
            workflow: going.facts.workflow.id,
            execution: going.facts.id,
            node: node.to_string(),
            attempt: ticket.attempt,
        };
        let mut detail = purpose.detail();
        detail.host = super::persist::host_of(command);
        detail.outcome = Some("given_up".to_owned());
        Some(UseOutcome {
            workspace: principal.workspace,
            actor: actor(&principal),
            action: AuditAction::CredentialUsed,
            credential,
            detail,
            signal: None,
        })
    }

    async fn carry_out(&self, facts: Arc<Facts>, command: Command) -> Landed {
        let ticket = command.ticket();
        // Waiting for a child takes no place: the child needs places of its own.
        let _place = match command {
            Command::StartChild { .. } => None,
            _ => Arc::clone(&self.0.effects).acquire_owned().await.ok(),
        };
        let (result, used) = match command {
            Command::CallHttp { node, call, credential, .. } => {
                self.call_http(&facts, ticket, &node, *call, credential).await
            }
            Command::QueryDatabase { node, statement, credential, .. } => {
                self.query_database(&facts, ticket, &node, *statement, credential).await
            }
            Command::RunCode { source, input, timeout_ms, .. } => {
                (self.run_code(&facts, &source, &input, timeout_ms).await, None)
            }
            Command::StartChild { workflow, input, wait, key, ancestry, .. } => {
                (self.run_child(&facts, workflow, &input, wait, key, ancestry).await, None)
            }
        };
        let result = result.unwrap_or_else(EffectResult::Failed);
        Landed { event: Event::Effect(ticket, result), used }
    }

    /// The run has ended.
    async fn leave(&self, going: &Going) {
        self.0.live.leave(going.facts.id, Some(&finished(&going.run)));
    }

    /// Tells whoever watches the workspace that a run began, ended or changed its state.
    pub(super) fn tell_workspace(&self, facts: &Facts) {
        // Without a watcher there is nobody to tell.
        let _ = self.0.moved.send(facts.workspace);
    }

    /// Tells whoever watches what a step brought.
    fn tell(&self, going: &Going, step: &Step) {
        if !going.live.is_watched() {
            return;
        }
        let run = &going.run;
        let node_id = |at: &crate::journal::At| run.workflow.node(at.1).id.to_string();
        let started = |at: &crate::journal::At, attempt: u32, time: i64| LiveEvent::NodeStarted {
            node_id: node_id(at),
            iteration: run.iteration(at.0),
            attempt,
            at: Timestamp::from_millis(time),
        };
        for record in &step.records {
            match record {
                Record::Effect { n, a, t } => going.live.tell(started(n, *a, *t)),
                Record::Wait { n, t, .. } | Record::Loop { n, t, .. } => going.live.tell(started(n, 1, *t)),
                Record::Retry { n, a, u, x, t } => going.live.tell(LiveEvent::AttemptFailed {
                    node_id: node_id(n),
                    iteration: run.iteration(n.0),
                    attempt: *a,
                    error: x.clone(),
                    next_at: Timestamp::from_millis(*u),
                    at: t.map_or_else(|| self.now(), Timestamp::from_millis),
                }),
                Record::Done(done) => {
                    let status = run.node_status(done.at);
                    going.live.tell(LiveEvent::NodeFinished {
                        node_id: node_id(&done.at),
                        iteration: run.iteration(done.at.0),
                        port: (status != NodeStatus::Failed).then(|| done.port.to_string()),
                        status,
                        error: done.error.as_ref().map(|(info, _)| info.clone()),
                        at: Timestamp::from_millis(done.times.1),
                    });
                }
                Record::End { s, x, t } => going.live.tell(LiveEvent::Finished {
                    status: *s,
                    error: x.clone(),
                    at: Timestamp::from_millis(*t),
                }),
                _ => {}
            }
        }
        if !run.status().is_final() {
            going.live.tell(LiveEvent::StatusChanged { status: run.status(), at: self.now() });
        }
    }
}

/// A result of an effect.
pub(super) type Effected = Result<EffectResult, Failure>;
