//! Bringing runs back: after a crash, or when a long wait is over.

use std::sync::{Arc, PoisonError};

use flero_model::{
    ExecutionId,
    execution::{ErrorInfo, ExecutionStatus},
};
use flero_store::executions::{Execution, ExecutionStep};

use super::{
    Engine,
    drive::{Facts, Going},
};
use crate::{
    Error, Result,
    journal::{Record, encode},
    params::Work,
    run::Event,
};

/// How many orphans are claimed at once.
const BATCH: u32 = 100;

/// Why a run comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Because {
    /// Its process died.
    Crashed,
    /// Its time has come, or somebody wants it to stop.
    Woken,
}

impl Engine {
    /// Runs of dead processes, claimed for this one and brought back.
    pub(super) async fn claim_orphans(&self) -> Result<usize> {
        let postponed = std::mem::take(&mut *self.0.postponed.lock().unwrap_or_else(PoisonError::into_inner));
        for id in postponed {
            match self.0.store.get_execution_anywhere(id).await {
                Ok(execution) => self.bring_back(execution, Because::Crashed).await,
                Err(flero_store::Error::NotFound) => {}
                Err(_) => self.0.postponed.lock().unwrap_or_else(PoisonError::into_inner).push(id),
            }
        }
        let dead_after = i64::try_from(self.0.config.dead_after.as_millis()).unwrap_or(i64::MAX);
        let mut count = 0;
        loop {
            let dead_before = self.now().plus_millis(-dead_after);
            let claimed = self.0.store.claim_orphans(self.0.node, dead_before, BATCH).await?;
            let is_last = claimed.len() < BATCH as usize;
            for execution in claimed {
                count += 1;
                self.bring_back(execution, Because::Crashed).await;
            }
            if is_last {
                return Ok(count);
            }
        }
    }

    /// Brings a run back that waits outside of memory.
    pub(super) async fn wake(&self, id: ExecutionId) -> Result<()> {
        let execution = self.0.store.get_execution_anywhere(id).await?;
        if !execution.status.is_final() {
            self.bring_back(execution, Because::Woken).await;
        }
        Ok(())
    }

    /// A run that cannot be brought back for good ends; one that cannot be for now is tried again by the sweep.
    async fn bring_back(&self, execution: Execution, because: Because) {
        let id = execution.id;
        match self.resume(&execution, because).await {
            Ok(()) => {}
            Err(error @ (Error::Journal { .. } | Error::Workflow { .. })) => {
                tracing::error!(execution = %id, %error, "a run cannot go on");
                self.give_up(&execution, &error).await;
            }
            Err(Error::Store(
                error @ (flero_store::Error::NotFound | flero_store::Error::Corrupt { .. }),
            )) => {
                tracing::error!(execution = %id, %error, "a run cannot go on");
                self.give_up(&execution, &Error::Store(error)).await;
            }
            Err(error) => {
                tracing::warn!(execution = %id, %error, "a run could not be brought back yet");
                if because == Because::Crashed {
                    self.0.postponed.lock().unwrap_or_else(PoisonError::into_inner).push(id);
                }
            }
        }
    }

    async fn resume(&self, execution: &Execution, because: Because) -> Result<()> {
        let Some(live) = self.0.live.enter(execution.id) else { return Ok(()) };
        let restored = async {
            let (mut run, entries) = self.restore(execution).await?;
            let workspace = self.0.store.workspace(execution.workspace).await?;
            // The variables of the acceptance are in the journal where an expression names them.
            if !run.workflow.uses_env {
                run.env = Arc::default();
            }
            Ok::<_, Error>((run, entries, workspace.organization))
        };
        let (run, entries, organization) = match restored.await {
            Ok(restored) => restored,
            Err(error) => {
                self.0.live.leave(execution.id, None);
                return Err(error);
            }
        };
        let facts = Arc::new(Facts {
            id: execution.id,
            workspace: execution.workspace,
            organization,
            acting_for: execution.acting_for,
            trigger: execution.trigger.clone(),
            workflow: Arc::clone(&run.workflow),
        });
        let pass = match &run.workflow.node(run.entry_index()).work {
            Work::Start(options)
            | Work::Webhook(_, options)
            | Work::Schedule(_, options)
            | Work::Event(_, options) => {
                options.concurrency.map(|(limit, _)| self.pass(run.workflow.id, limit)).unwrap_or_default()
            }
            _ => super::gates::Pass::default(),
        };
        let pass = self.behind_vault(&run.workflow, pass);
        let is_cancelled = execution.cancel_requested;
        let mut going = Going { facts, run, entries, live, pass };
        let engine = self.clone();
        tokio::spawn(async move {
            let event = if because == Because::Crashed { Event::Resumed } else { Event::Tick };
            let events = match (is_cancelled, going.run.is_pending()) {
                // Before anything else, so that a timer that is due as well does not come first.
                (true, _) => vec![Event::Cancel, event],
                (false, true) => Vec::new(),
                (false, false) => vec![event],
            };
            match engine.first_transition(&mut going, events).await {
                Some(step) => engine.drive_guarded(going, step).await,
                None => engine.0.live.leave(going.facts.id, None),
            }
        });
        Ok(())
    }

    /// Ends a run that cannot go on.
    pub(super) async fn give_up(&self, execution: &Execution, error: &Error) {
        let now = self.now();
        let Ok(entries) = self.0.store.execution_journal(execution.id).await else { return };
        let code = if matches!(error, Error::Internal { .. }) {
            "internal.panic"
        } else {
            "internal.not_restorable"
        };
        let info = ErrorInfo::new(code, format!("The run cannot go on: {error}."));
        let end = Record::End { s: ExecutionStatus::Failed, x: Some(info.clone()), t: now.as_millis() };
        let step = ExecutionStep {
            id: execution.id,
            owner: self.0.node,
            sequence: entries.len() as u64,
            journal: vec![encode(&[end])],
            status: ExecutionStatus::Failed,
            started_at: execution.started_at,
            finished_at: Some(now),
            error: Some(info),
            wake_at: None,
            credentials: Vec::new(),
            audit: Vec::new(),
            discard: false,
        };
        if let Err(error) = self.0.store.append_execution(step).await {
            tracing::error!(execution = %execution.id, %error, "the end of a run could not be stored");
        }
    }
}
