//! Accepting runs: the trigger's options, the first decisions, the one transaction.

use std::{sync::Arc, time::Duration};

use flero_model::{
    ExecutionId, UserId, WorkflowId,
    audit::NewAudit,
    execution::{ExecutionStatus, TriggerKind},
    workflow::NodeType,
};
use flero_store::executions::{Accepted, Execution, NewExecution};
use tokio::sync::oneshot;

use super::{
    Engine,
    drive::{Facts, Going},
    gates::Pass,
};
use crate::{
    Error, Finished, Outcome, ReplayVersion, Result, StartRun, Started,
    params::Work,
    run::{Beginning, Event, Run, Step, Taken, advance},
};

/// What the engine itself adds to a start.
#[derive(Debug, Default)]
pub(super) struct Extra {
    /// Somebody waits for the end.
    pub(super) waits: bool,
    /// The workflows that led here through SubWorkflow nodes.
    pub(super) ancestry: Vec<WorkflowId>,
}

impl Extra {
    pub(super) fn waiting() -> Self {
        Self { waits: true, ancestry: Vec::new() }
    }
}

/// The end of a run that was started here.
pub(super) enum End {
    /// It has ended already.
    Now(Finished),
    /// It will be told.
    Later(oneshot::Receiver<Finished>),
}

/// A run that is decided up to its first effects and not stored yet.
pub(super) struct Prepared {
    pub(super) facts: Arc<Facts>,
    pub(super) run: Run,
    pub(super) step: Step,
    pub(super) new: NewExecution,
    pub(super) pass: Pass,
}

impl Engine {
    pub(super) async fn start_run(&self, start: StartRun, extra: Extra) -> Result<(Started, Option<End>)> {
        let waits = extra.waits;
        let prepared = self.prepare(start, extra.ancestry).await?;
        let id = prepared.facts.id;
        let status = prepared.run.status();
        // A run that has ended and is not to be kept leaves nothing behind; only a key has to be remembered.
        let is_forgotten = status == ExecutionStatus::Success
            && !prepared.facts.keeps_success()
            && prepared.new.idempotency_key.is_none()
            && prepared.new.audit.is_empty();
        if is_forgotten {
            self.0.counters.accepted();
            self.0.counters.ended(status);
            let end = finished(&prepared.run);
            return Ok((Started { id, existing: false, status }, Some(End::Now(end))));
        }
        if status == ExecutionStatus::Failed && prepared.new.idempotency_key.is_none() {
            self.run_error_workflow(&prepared.facts, &prepared.run).await;
        }
        let Prepared { facts, run, step, new, pass } = prepared;
        if let Accepted::Existing(former) = self.0.store.accept_execution(new).await? {
            return Ok((Started { id: former, existing: true, status: ExecutionStatus::Pending }, None));
        }
        let end = self.go_on_with(facts, run, step, pass, waits);
        Ok((Started { id, existing: false, status }, end))
    }

    /// What follows the acceptance: nothing for a run that has ended, else its own task.
    pub(super) fn go_on_with(
        &self,
        facts: Arc<Facts>,
        run: Run,
        step: Step,
        pass: Pass,
        waits: bool,
    ) -> Option<End> {
        self.0.counters.accepted();
        self.0.counters.ended(run.status());
        self.tell_workspace(&facts);
        if run.status().is_final() {
            return waits.then(|| End::Now(finished(&run)));
        }
        let live = self.0.live.enter(facts.id)?;
        let end = waits.then(|| live.end()).flatten().map(End::Later);
        let going = Going { facts, run, entries: 1, live, pass };
        let engine = self.clone();
        tokio::spawn(async move { engine.drive_guarded(going, step).await });
        end
    }

    /// Decides a run up to its first effects, without storing anything.
    pub(super) async fn prepare(&self, start: StartRun, ancestry: Vec<WorkflowId>) -> Result<Prepared> {
        if self.is_shutting_down() {
            return Err(Error::ShuttingDown);
        }
        let now = self.now();
        let StartRun { workflow, workspace, organization, trigger, input, acting_for, variables, .. } = start;
        let wanted = start.entry.or(match trigger {
            TriggerKind::Webhook => Some(NodeType::WebhookTrigger),
            TriggerKind::Schedule => Some(NodeType::ScheduleTrigger),
            TriggerKind::Event => Some(NodeType::ConnectorTrigger),
            TriggerKind::Error { .. } => Some(NodeType::ErrorTrigger),
            _ => None,
        });
        let entry = workflow
            .entry(wanted)
            .ok_or(Error::NoEntry { wanted: wanted.map_or("trigger", NodeType::as_str) })?;
        let given = Taken::read(&workflow, start.given)?;
        let entry = given.only.unwrap_or(entry);
        let input = Arc::new(input);
        let mut pass = Pass::default();
        let mut key = start.idempotency_key;
        // A person who runs a workflow by hand is not held up by what its trigger allows.
        if matches!(trigger, TriggerKind::Webhook | TriggerKind::Schedule | TriggerKind::Event)
            && let Work::Start(options)
            | Work::Webhook(_, options)
            | Work::Schedule(_, options)
            | Work::Event(_, options) = &workflow.node(entry).work
            && !options.is_empty()
        {
            let admitted = self.admit(&workflow, options, &input, &variables, now)?;
            pass = admitted.pass;
            // What a caller chooses never meets a key of the engine's own: those of child runs can be guessed.
            key = admitted.idempotency_key.map(|key| format!("trigger:{key}")).or(key);
        }
        let pass = self.behind_vault(&workflow, pass);
        let id = self.0.ids.execution(now);
        let facts = Arc::new(Facts { id, workspace, organization, acting_for, trigger, workflow });
        let begin = Beginning { id, entry, input, env: variables, ancestry, given, now };
        let (run, begun) = Run::accept(Arc::clone(&facts.workflow), begin, self.0.config.effects_per_run);
        let (run, mut step) =
            if pass.is_open() { advance(run, Event::Go, now) } else { (run, Step::default()) };
        step.records.insert(0, begun);
        let mut audit = start.audit;
        self.intents(&facts, &run, &step, now, &mut audit).await?;
        let new = NewExecution {
            execution: Execution {
                id,
                workspace,
                workflow: facts.workflow.id,
                version: facts.workflow.version,
                status: run.status(),
                trigger: facts.trigger.clone(),
                acting_for,
                created_at: now,
                started_at: run.started,
                finished_at: run.finished_at(),
                error: run.error().cloned(),
                cancel_requested: false,
            },
            owner: self.0.node,
            journal: vec![self.entry(&step.records).await?],
            idempotency_key: key,
            wake_at: run.wake_at(),
            credentials: step.commands.iter().filter_map(crate::run::Command::credential).collect(),
            audit,
        };
        Ok(Prepared { facts, run, step, new, pass })
    }

    pub(super) async fn replay_run(
        &self,
        former: &Execution,
        version: ReplayVersion,
        acting_for: UserId,
        audit: NewAudit,
    ) -> Result<Started> {
        let run = self.restore(former).await?.0;
        let number = match version {
            ReplayVersion::Same => former.version,
            ReplayVersion::Current => {
                self.0.store.get_workflow(former.workspace, former.workflow).await?.version
            }
        };
        let workflow = self.workflow(former.workflow, number).await?;
        let entry = run.entry_kind();
        let (variables, _) = self.0.store.get_variables(former.workspace).await?;
        let workspace = self.0.store.workspace(former.workspace).await?;
        self.start(StartRun {
            // The current version may have another trigger; then the run begins with that one.
            entry: workflow.entry(Some(entry)).map(|_| entry),
            workflow,
            workspace: former.workspace,
            organization: workspace.organization,
            trigger: TriggerKind::Replay { of: former.id },
            input: (*run.input).clone(),
            acting_for,
            variables: Arc::new(variables),
            idempotency_key: None,
            audit: vec![audit],
            given: crate::Given::default(),
        })
        .await
    }

    /// Waits for the end of a run that goes on here.
    pub(super) async fn await_end(&self, id: ExecutionId, end: End, timeout: Duration) -> Outcome {
        match end {
            End::Now(end) => Outcome::Finished(end),
            End::Later(end) => match tokio::time::timeout(timeout, end).await {
                Ok(Ok(end)) => Outcome::Finished(end),
                // It left without an end (it only waits, or another process has it) or the wait is over.
                Ok(Err(_)) | Err(_) => Outcome::StillRunning(id),
            },
        }
    }

    pub(super) async fn wait_for(&self, id: ExecutionId, timeout: Duration) -> Result<Outcome> {
        let until = tokio::time::Instant::now() + timeout;
        loop {
            if let Some(end) = self.0.live.end_of(id) {
                match tokio::time::timeout_at(until, end).await {
                    Ok(Ok(end)) => return Ok(Outcome::Finished(end)),
                    Ok(Err(_)) => {}
                    Err(_) => return Ok(Outcome::StillRunning(id)),
                }
            }
            let execution = self.0.store.get_execution_anywhere(id).await?;
            if execution.status.is_final() {
                let run = self.restore(&execution).await?.0;
                return Ok(Outcome::Finished(finished(&run)));
            }
            // It is carried out by another process, or it waits outside of memory: only the store knows.
            let pause = Duration::from_millis(250);
            if tokio::time::Instant::now() + pause > until {
                return Ok(Outcome::StillRunning(id));
            }
            tokio::time::sleep(pause).await;
        }
    }
}

/// The end of a run.
pub(super) fn finished(run: &Run) -> Finished {
    Finished { id: run.id, status: run.status(), output: run.output(), error: run.error().cloned() }
}
