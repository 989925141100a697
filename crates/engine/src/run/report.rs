//! What is told of a run, made from its journal alone.

use flero_model::execution::{ExecutionReport, ExecutionStatus, NodeReport, NodeStatus};
use flero_store::executions::Execution;
use serde_json::Value;

use super::{Active, Doing, Finished, Run, State};
use crate::{
    NodeState,
    journal::{At, Ending},
};

impl Run {
    /// The report of a run; `execution` is its row.
    pub(crate) fn report(&self, execution: &Execution) -> ExecutionReport {
        let mut nodes: Vec<NodeReport> =
            self.begun.iter().map(|at| self.node_report(*at, execution.status)).collect();
        // What was not reached in the run itself is told at the end; inside loops that would only be noise.
        if execution.status.is_final() {
            let all = self.workflow.scopes.nodes.iter().flatten().copied();
            let begun: std::collections::HashSet<u32> = self.begun.iter().map(|at| at.1).collect();
            let mut missing: Vec<u32> = all.filter(|node| !begun.contains(node)).collect();
            missing.sort_unstable_by_key(|node| self.workflow.rank[*node as usize]);
            nodes.extend(missing.into_iter().map(|node| self.blank_report(node, NodeStatus::Skipped)));
        }
        ExecutionReport {
            id: execution.id,
            workflow_id: execution.workflow,
            workflow_version: execution.version,
            status: execution.status,
            trigger: execution.trigger.clone(),
            input: (*self.input).clone(),
            nodes,
            output: (*self.output()).clone(),
            error: execution.error.clone(),
            created_at: execution.created_at,
            started_at: execution.started_at,
            finished_at: execution.finished_at,
        }
    }

    fn blank_report(&self, node: u32, status: NodeStatus) -> NodeReport {
        let node = self.workflow.node(node);
        NodeReport {
            node_id: node.id.to_string(),
            name: node.name.to_string(),
            status,
            input: Value::Null,
            output: Value::Null,
            port: None,
            error: None,
            attempts: 0,
            attempt_details: Vec::new(),
            maybe_duplicated: false,
            iteration: Vec::new(),
            logs: Vec::new(),
            started_at: None,
            finished_at: None,
            credential_id: None,
            credential_name: None,
        }
    }

    fn node_report(&self, at: At, run: ExecutionStatus) -> NodeReport {
        let mut report = self.blank_report(at.1, NodeStatus::Skipped);
        report.input = (*self.input_of(at)).clone();
        report.iteration = self.iteration(at.0);
        report.attempt_details = self.attempts_of(at).to_vec();
        let credential = self.workflow.node(at.1).credential;
        match &self.cell(at).state {
            State::Done(done) => {
                told_done(&mut report, done);
                report.credential_id = credential.filter(|_| done.ending != Ending::Off);
            }
            State::Active(active) => {
                told_active(&mut report, active, run);
                report.credential_id = credential;
            }
            State::Idle | State::Skipped => {}
        }
        report
    }

    /// The nodes that have begun, at most the last `most` of them.
    pub(crate) fn node_states(&self, has_ended: bool, most: usize) -> Vec<NodeState> {
        let skipped = self.begun.len().saturating_sub(most);
        let states = self.begun.iter().skip(skipped).map(|at| NodeState {
            node_id: self.workflow.node(at.1).id.to_string(),
            iteration: self.iteration(at.0),
            status: match self.node_status(*at) {
                NodeStatus::Running | NodeStatus::Waiting if has_ended => NodeStatus::Cancelled,
                status => status,
            },
        });
        states.collect()
    }

    /// The state of a node as live events tell it.
    pub(crate) fn node_status(&self, at: At) -> NodeStatus {
        match &self.cell(at).state {
            State::Done(done) => ended_as(done.ending),
            State::Active(active) => going_on_as(active),
            State::Idle | State::Skipped => NodeStatus::Skipped,
        }
    }
}

const fn ended_as(ending: Ending) -> NodeStatus {
    match ending {
        Ending::Success => NodeStatus::Success,
        Ending::Failed => NodeStatus::Failed,
        Ending::Off => NodeStatus::Skipped,
    }
}

const fn going_on_as(active: &Active) -> NodeStatus {
    match active.doing {
        Doing::Wait | Doing::Retry => NodeStatus::Waiting,
        Doing::Effect | Doing::Loop(_) => NodeStatus::Running,
    }
}

fn told_done(report: &mut NodeReport, done: &Finished) {
    report.status = ended_as(done.ending);
    report.output = (*done.output).clone();
    report.port = (done.ending != Ending::Failed).then(|| done.port.to_string());
    report.error.clone_from(&done.error);
    report.attempts = done.attempts;
    report.maybe_duplicated = done.maybe_duplicated;
    report.logs.clone_from(&done.logs);
    report.started_at = Some(done.began);
    report.finished_at = Some(done.ended);
}

fn told_active(report: &mut NodeReport, active: &Active, run: ExecutionStatus) {
    // A node that was not finished when the run ended was stopped with it.
    report.status = if run.is_final() { NodeStatus::Cancelled } else { going_on_as(active) };
    report.attempts = active.attempt;
    report.maybe_duplicated = active.maybe_duplicated;
    report.started_at = Some(active.began);
}
