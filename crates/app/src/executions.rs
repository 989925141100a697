//! Executions: starting, reading, replaying, cancelling, watching.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use flero_engine::{Finished, Given, LiveEvent, Outcome, ReplayVersion, StartRun};
use flero_model::{
    CredentialId, ExecutionId, WorkflowId, WorkspaceId,
    audit::{AuditAction, AuditDetail},
    execution::{ExecutionReport, ExecutionStatus, TriggerKind},
    policy::{self, Action, Decision, Principal},
    role::Role,
};
use flero_store::{
    Page, PageRequest,
    executions::{Execution, ExecutionFilter},
    workflows::WorkflowStatus,
};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::{
    App, Changes, Error, Result,
    app::{only_workflows, permit},
};

/// The longest that a caller may wait for the end of a run.
pub const MAX_WAIT: Duration = Duration::from_secs(300);

/// How a request to run ended.
#[derive(Debug)]
pub enum Run {
    /// It was accepted; nobody waited, or the wait ended first.
    Accepted {
        /// The run.
        id: ExecutionId,
        /// Its state.
        status: ExecutionStatus,
    },
    /// It has ended, well or not.
    Ended(Box<ExecutionReport>),
}

/// What a watcher of a run gets.
#[derive(Debug)]
pub struct Watch {
    /// How it stands: a [`LiveEvent::Snapshot`].
    pub snapshot: LiveEvent,
    /// Its state.
    pub execution: Execution,
    /// What happens from then on. `None` while this process does not carry it out: it has ended, it waits outside of
    /// memory, or it is another process's.
    pub live: Option<broadcast::Receiver<LiveEvent>>,
}

impl App {
    /// Runs the current version of a workflow for the caller.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::WorkflowArchived`]; [`Error::Unavailable`].
    pub async fn run_workflow(
        &self,
        who: &Principal,
        id: WorkflowId,
        input: Value,
        wait: Option<Duration>,
    ) -> Result<Run> {
        self.run_or_test(who, id, input, Given::default(), wait).await
    }

    /// Tries what is being built: outputs of nodes are taken as given, and where a node is named, it is the only
    /// one that is carried out. The run is told as a `test`, and its failure sets off no error workflow.
    ///
    /// # Errors
    /// As [`App::run_workflow`]; [`Error::Forbidden`] for who may run the workflow and not change it: given outputs
    /// decide what the nodes behind them send. [`Error::CannotStart`] for a node that the saved version lacks.
    pub async fn test_workflow(
        &self,
        who: &Principal,
        id: WorkflowId,
        input: Value,
        given: Given,
        wait: Option<Duration>,
    ) -> Result<Run> {
        permit(who, Action::EditWorkflow(id))?;
        self.run_or_test(who, id, input, given, wait).await
    }

    async fn run_or_test(
        &self,
        who: &Principal,
        id: WorkflowId,
        input: Value,
        given: Given,
        wait: Option<Duration>,
    ) -> Result<Run> {
        // The most favourable case first: who may not run anything learns nothing of what exists.
        permit(who, Action::RunWorkflow { id, viewers_may_run: true })?;
        let workflow = self.store().get_workflow(who.workspace, id).await?;
        let compiled = self.0.engine.workflow(id, workflow.version).await?;
        permit(who, Action::RunWorkflow { id, viewers_may_run: compiled.settings.viewers_may_run })?;
        if workflow.status == WorkflowStatus::Archived {
            return Err(Error::WorkflowArchived);
        }
        // Everybody is a viewer in an archived workspace, and some workflows let viewers run them.
        if who.role == Role::Viewer && self.store().workspace(who.workspace).await?.archived_at.is_some() {
            return Err(Error::WorkspaceArchived);
        }
        let (variables, _) = self.store().get_variables(who.workspace).await?;
        let run = StartRun {
            workflow: std::sync::Arc::clone(&compiled),
            workspace: who.workspace,
            organization: who.organization,
            trigger: if given.is_nothing() { TriggerKind::Manual } else { TriggerKind::Test },
            entry: None,
            input,
            acting_for: who.user,
            variables: std::sync::Arc::new(variables),
            idempotency_key: None,
            audit: Vec::new(),
            given,
        };
        let Some(wait) = wait else {
            let started = self.0.engine.start(run).await?;
            return Ok(Run::Accepted { id: started.id, status: started.status });
        };
        match self.0.engine.start_and_wait(run, wait.min(MAX_WAIT)).await? {
            Outcome::StillRunning(id) => Ok(Run::Accepted { id, status: ExecutionStatus::Running }),
            Outcome::Finished(end) => {
                let report = self.report_of(who, &compiled, end).await?;
                Ok(Run::Ended(Box::new(report)))
            }
        }
    }

    /// The report of a run that has just ended. A run that is not kept is told by what its end says.
    async fn report_of(
        &self,
        who: &Principal,
        workflow: &flero_engine::CompiledWorkflow,
        end: Finished,
    ) -> Result<ExecutionReport> {
        match self.store().get_execution(who.workspace, end.id).await {
            Ok(execution) => {
                let report = self.0.engine.report(&execution).await?;
                self.with_credential_names(who, report).await
            }
            Err(flero_store::Error::NotFound) => {
                let now = self.now();
                Ok(ExecutionReport {
                    id: end.id,
                    workflow_id: workflow.id,
                    workflow_version: workflow.version,
                    status: end.status,
                    trigger: TriggerKind::Manual,
                    input: Value::Null,
                    nodes: Vec::new(),
                    output: (*end.output).clone(),
                    error: end.error,
                    created_at: now,
                    started_at: Some(now),
                    finished_at: Some(now),
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A page of runs, newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::InvalidCursor`].
    pub async fn list_executions(
        &self,
        who: &Principal,
        mut filter: ExecutionFilter,
        page: PageRequest,
    ) -> Result<Page<Execution>> {
        permit(who, Action::ReadExecution(None))?;
        filter.only = only_workflows(who);
        Ok(self.store().list_executions(who.workspace, filter, page).await?)
    }

    /// A run with its nodes.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn get_execution(&self, who: &Principal, id: ExecutionId) -> Result<ExecutionReport> {
        let execution = self.readable_execution(who, id).await?;
        let report = self.0.engine.report(&execution).await?;
        self.with_credential_names(who, report).await
    }

    /// Fills in the names of the credentials that the caller may see.
    async fn with_credential_names(
        &self,
        who: &Principal,
        mut report: ExecutionReport,
    ) -> Result<ExecutionReport> {
        let used: BTreeSet<CredentialId> =
            report.nodes.iter().filter_map(|node| node.credential_id).collect();
        let mut names = BTreeMap::new();
        for id in used {
            match self.store().get_credential(id).await {
                Ok(found) if policy::decide(who, Action::ReadCredential(&found)) == Decision::Allow => {
                    names.insert(id, found.name);
                }
                Ok(_) | Err(flero_store::Error::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for node in &mut report.nodes {
            node.credential_name = node.credential_id.and_then(|id| names.get(&id).cloned());
        }
        Ok(report)
    }

    /// Runs a former run's input once more, for the caller.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn replay_execution(
        &self,
        who: &Principal,
        id: ExecutionId,
        version: ReplayVersion,
    ) -> Result<Run> {
        let execution = self.controllable_execution(who, id).await?;
        let detail = AuditDetail { workflow: Some(execution.workflow), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::ExecutionReplayed, id, detail);
        let started = self.0.engine.replay(&execution, version, who.user, record).await?;
        Ok(Run::Accepted { id: started.id, status: started.status })
    }

    /// Asks a run to stop: what runs may finish, nothing new begins.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::ExecutionEnded`].
    pub async fn cancel_execution(&self, who: &Principal, id: ExecutionId) -> Result<()> {
        let execution = self.controllable_execution(who, id).await?;
        let detail = AuditDetail { workflow: Some(execution.workflow), ..AuditDetail::default() };
        let record = self.record(who, AuditAction::ExecutionCancelled, id, detail);
        if self.0.engine.cancel(who.workspace, id, record).await? {
            Ok(())
        } else {
            Err(Error::ExecutionEnded)
        }
    }

    /// How a run stands, and what happens in it from then on.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn watch_execution(&self, who: &Principal, id: ExecutionId) -> Result<Watch> {
        self.readable_execution(who, id).await?;
        // In this order an event that comes in between is told twice rather than not at all.
        let live = self.0.engine.subscribe(id);
        let execution = self.readable_execution(who, id).await?;
        let snapshot = self.0.engine.snapshot(&execution).await?;
        Ok(Watch { snapshot, execution, live })
    }

    /// Watches in which workspaces a run begins, ends or changes its state.
    #[must_use]
    pub fn watch_executions(&self) -> Changes<WorkspaceId> {
        Changes(self.0.engine.watch_workspaces())
    }

    /// Whether there is anything to tell a watcher who last saw a run in this state and is not told of its events.
    ///
    /// # Errors
    /// As [`App::watch_execution`].
    pub async fn has_moved(&self, who: &Principal, id: ExecutionId, seen: ExecutionStatus) -> Result<bool> {
        Ok(self.0.engine.subscribe(id).is_some() || self.readable_execution(who, id).await?.status != seen)
    }

    async fn readable_execution(&self, who: &Principal, id: ExecutionId) -> Result<Execution> {
        permit(who, Action::ReadExecution(None))?;
        let execution = self.store().get_execution(who.workspace, id).await?;
        permit(who, Action::ReadExecution(Some(execution.workflow)))?;
        Ok(execution)
    }

    async fn controllable_execution(&self, who: &Principal, id: ExecutionId) -> Result<Execution> {
        // A workflow that a chosen-workflows key would be for, so that only scope and role count here.
        let sample = only_workflows(who)
            .and_then(|chosen| chosen.first().copied())
            .unwrap_or(WorkflowId::from_u128(0));
        permit(who, Action::ControlExecution(sample))?;
        let execution = self.store().get_execution(who.workspace, id).await?;
        permit(who, Action::ControlExecution(execution.workflow))?;
        Ok(execution)
    }

    /// Runs a document for the command line and waits for its end: the caller's draft of that name is saved anew,
    /// or made.
    ///
    /// # Errors
    /// As [`App::create_workflow`] and [`App::run_workflow`].
    pub async fn run_document(
        &self,
        who: &Principal,
        document: &Value,
        input: Value,
    ) -> Result<ExecutionReport> {
        let checked = self.read_document(who, document).await?;
        let filter =
            flero_store::workflows::WorkflowFilter { text: Some(checked.name.clone()), ..Default::default() };
        let same_name = self.list_workflows(who, filter, PageRequest { limit: 200, cursor: None }).await?;
        let own = same_name.items.into_iter().find(|workflow| {
            workflow.name == checked.name
                && workflow.owner == who.user
                && workflow.status == WorkflowStatus::Draft
        });
        let id = match own {
            Some(workflow) => {
                let stored = self.store().get_version(workflow.id, workflow.version).await?;
                if serde_json::to_string(&checked).ok().as_ref() != Some(&stored.document) {
                    self.update_workflow(who, workflow.id, document, None).await?;
                }
                workflow.id
            }
            None => self.create_workflow(who, document).await?.workflow.id,
        };
        // A run ends by its own limit; a little more lets it say so.
        let limit = Duration::from_millis(checked.settings.timeout_ms) + Duration::from_secs(5);
        let Run::Accepted { id: execution, .. } = self.run_workflow(who, id, input, None).await? else {
            return Err(Error::Internal("a run that nobody waited for had ended"));
        };
        match self.0.engine.wait(execution, limit).await {
            Ok(_) => self.get_execution(who, execution).await,
            Err(error) => Err(error.into()),
        }
    }
}
