//! A run as a value: the fold of its journal, and the pure decisions about what happens next.
//!
//! Everything that changes a run is a [`Record`]; [`Run::fold`] is the only place that changes state, so a run
//! that is restored from its journal is the run that wrote it. [`advance`] decides: it takes an event and the
//! time, runs pure nodes through to the next effects, and says what to record and what to carry out.
//!
//! A *frame* is one pass over the nodes of a scope: the run itself is frame 0, and every iteration of a loop
//! opens one. In a frame each edge is decided once: *taken*, when the node before it left by the edge's port, or
//! *dead*. A node is ready when all its edges are decided and one of them is taken; with none taken it is
//! skipped, and so are its own edges.
//!
//! **Invariant:** no input or output, no clock, no randomness.

mod advance;
mod attempts;
mod context;
mod effects;
mod evaluate;
mod fold;
mod frames;
mod given;
mod inputs;
mod loops;
mod pace;
mod report;
mod retry;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use flero_connect::Statement;
use flero_expr::Allowance;
use flero_model::{
    CredentialId, ExecutionId, Timestamp, WorkflowId,
    execution::{AttemptReport, ErrorInfo, ExecutionStatus},
};
use serde_json::Value;

use crate::{
    failure::Failure,
    journal::{At, Begun, Output, Record},
    workflow::{CompiledWorkflow, Env, NodeIndex},
};

pub(crate) use advance::advance;
pub(crate) use effects::{HttpBody, HttpCall, OperationCall, Part, REPEATED};
pub(crate) use given::Taken;
pub(crate) use pace::Pace;

/// The most iterations of one loop.
pub(crate) const MAX_ITERATIONS: usize = 10_000;
/// The most node runs of one run, over all iterations.
pub(crate) const MAX_NODE_RUNS: u32 = 100_000;

/// A run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) workflow: Arc<CompiledWorkflow>,
    pub(crate) id: ExecutionId,
    pub(crate) input: Arc<Value>,
    pub(crate) env: Env,
    pub(crate) ancestry: Vec<WorkflowId>,
    pub(crate) accepted: Timestamp,
    pub(crate) started: Option<Timestamp>,
    /// When it has run for too long. Time spent in Wait nodes does not count.
    pub(crate) deadline: Timestamp,
    /// The time of the last record.
    last_seen: Timestamp,
    entry: NodeIndex,
    /// What is taken as given.
    given: Taken,
    /// What Set nodes put into `$workflow.variables`.
    variables: Arc<Value>,
    frames: Vec<Frame>,
    /// What may begin, in the order in which it became ready.
    ready: VecDeque<Task>,
    /// Every node that began, for reports.
    begun: Vec<At>,
    /// The attempts of nodes whose first attempt was not the end of them, for reports; of all others there is nothing.
    attempts: BTreeMap<At, Vec<AttemptReport>>,
    /// Effects that are carried out now.
    in_flight: usize,
    max_in_flight: usize,
    /// Effects that wait for their turn.
    held: VecDeque<At>,
    timers: Vec<(Timestamp, At)>,
    node_runs: u32,
    /// What the expressions of the node that is evaluated may still cost.
    allowance: Allowance,
    /// Whether the last slice was not enough, so that the next one should be long.
    is_long: bool,
    phase: Phase,
    /// The first failure that no error port took.
    failure: Option<Arc<(ErrorInfo, NodeIndex)>>,
    ended: Option<(ExecutionStatus, Option<ErrorInfo>, Timestamp)>,
}

/// What a run begins with.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) id: ExecutionId,
    /// The node that it begins with.
    pub(crate) entry: NodeIndex,
    pub(crate) input: Arc<Value>,
    pub(crate) env: Env,
    pub(crate) ancestry: Vec<WorkflowId>,
    pub(crate) given: Taken,
    pub(crate) now: Timestamp,
}

/// Whether new nodes may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Accepted, not begun.
    Pending,
    Active,
    /// A node failed and the policy is to stop: what runs may finish.
    Stopping,
    /// Somebody asked to stop: what runs may finish.
    Cancelling,
    Ended,
}

/// One pass over the nodes of a scope.
#[derive(Debug)]
struct Frame {
    /// The loop that opened it and its frame.
    parent: Option<At>,
    /// Which iteration, from 0.
    index: u32,
    scope: u32,
    /// What the iteration is about.
    item: Arc<Value>,
    cells: Vec<Cell>,
    /// Nodes that are not decided yet.
    left: u32,
}

/// A node in a frame.
#[derive(Debug)]
struct Cell {
    /// Edges into it that are not decided yet.
    open: u32,
    /// Whether one of the decided ones is taken.
    taken: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Idle,
    Active(Box<Active>),
    Done(Box<Finished>),
    Skipped,
}

/// A node that has begun and not ended.
#[derive(Debug)]
struct Active {
    began: Timestamp,
    attempt: u32,
    maybe_duplicated: bool,
    /// When the attempt that goes on began; expressions of the attempt see this time.
    attempt_began: Timestamp,
    doing: Doing,
}

#[derive(Debug)]
enum Doing {
    /// An effect is carried out.
    Effect,
    /// An effect failed and is tried again when its timer comes.
    Retry,
    /// It waits for its timer.
    Wait,
    /// It repeats its body.
    Loop(Box<loops::Looping>),
}

/// A node that has ended.
#[derive(Debug)]
struct Finished {
    ending: crate::journal::Ending,
    port: Arc<str>,
    output: Arc<Value>,
    began: Timestamp,
    ended: Timestamp,
    attempts: u32,
    maybe_duplicated: bool,
    error: Option<ErrorInfo>,
    logs: Vec<String>,
    /// `$error` for the nodes behind it.
    error_context: Option<Arc<Value>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Node(At),
    Loop(At),
}

/// Names one attempt of one effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Ticket {
    pub(crate) at: At,
    /// From 1.
    pub(crate) attempt: u32,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// The run may begin.
    Go,
    /// It was restored after its process died.
    Resumed,
    /// An effect ended.
    Effect(Ticket, EffectResult),
    /// Time passed: timers and the deadline are looked at.
    Tick,
    /// Somebody asked to stop the run.
    Cancel,
}

/// How an effect ended.
#[derive(Debug)]
pub(crate) enum EffectResult {
    /// A service answered, with whatever status.
    Http { output: Arc<Value>, status: u16, retry_after_ms: Option<u64> },
    /// Code or another workflow returned.
    Value { output: Arc<Value>, logs: Vec<String> },
    /// Nothing usable came back.
    Failed(Failure),
}

/// What is to be carried out.
#[derive(Debug)]
pub(crate) enum Command {
    CallHttp {
        ticket: Ticket,
        node: Arc<str>,
        call: Box<HttpCall>,
        credential: Option<CredentialId>,
    },
    QueryDatabase {
        ticket: Ticket,
        node: Arc<str>,
        statement: Box<Statement>,
        credential: CredentialId,
    },
    RunCode {
        ticket: Ticket,
        source: Arc<str>,
        input: Arc<Value>,
        timeout_ms: u64,
    },
    StartChild {
        ticket: Ticket,
        workflow: WorkflowId,
        input: Arc<Value>,
        wait: bool,
        /// The same for every attempt, so that a child is started once.
        key: String,
        ancestry: Vec<WorkflowId>,
    },
}

impl Command {
    pub(crate) fn ticket(&self) -> Ticket {
        match self {
            Self::CallHttp { ticket, .. }
            | Self::QueryDatabase { ticket, .. }
            | Self::RunCode { ticket, .. }
            | Self::StartChild { ticket, .. } => *ticket,
        }
    }
}

/// What an event led to.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// What to append to the journal, in one transaction with what goes with it.
    pub(crate) records: Vec<Record>,
    /// What to carry out once that is committed.
    pub(crate) commands: Vec<Command>,
}

impl Run {
    /// A run that is accepted and has not begun, and its first record.
    pub(crate) fn accept(
        workflow: Arc<CompiledWorkflow>,
        begin: Beginning,
        max_in_flight: usize,
    ) -> (Self, Record) {
        let kept_env = workflow.uses_env.then(|| Arc::clone(&begin.env));
        let record = Record::Begun(Box::new(Begun {
            entry: begin.entry,
            input: Output::Value(begin.input),
            env: kept_env,
            ancestry: begin.ancestry,
            only: begin.given.only.is_some(),
            given: begin.given.outputs,
            at: begin.now,
        }));
        let mut run = Self::blank(workflow, begin.id, max_in_flight);
        run.env = begin.env;
        run.fold(&record);
        (run, record)
    }

    /// The run that wrote these records.
    pub(crate) fn restore(
        workflow: Arc<CompiledWorkflow>,
        id: ExecutionId,
        records: &[Record],
        max_in_flight: usize,
    ) -> Self {
        let mut run = Self::blank(workflow, id, max_in_flight);
        for record in records {
            run.fold(record);
        }
        run.drop_done_tasks();
        run
    }

    fn blank(workflow: Arc<CompiledWorkflow>, id: ExecutionId, max_in_flight: usize) -> Self {
        Self {
            workflow,
            id,
            input: Arc::default(),
            env: Arc::default(),
            ancestry: Vec::new(),
            accepted: Timestamp::default(),
            started: None,
            deadline: Timestamp::from_millis(i64::MAX),
            last_seen: Timestamp::default(),
            entry: 0,
            given: Taken::default(),
            variables: Arc::new(Value::Object(serde_json::Map::new())),
            frames: Vec::new(),
            ready: VecDeque::new(),
            begun: Vec::new(),
            attempts: BTreeMap::new(),
            in_flight: 0,
            max_in_flight: max_in_flight.max(1),
            held: VecDeque::new(),
            timers: Vec::new(),
            node_runs: 0,
            allowance: Allowance::default(),
            is_long: false,
            phase: Phase::Pending,
            failure: None,
            ended: None,
        }
    }

    /// Its state.
    pub(crate) fn status(&self) -> ExecutionStatus {
        match (&self.ended, self.phase) {
            (Some((status, ..)), _) => *status,
            (None, Phase::Pending) => ExecutionStatus::Pending,
            (None, _) if self.only_waits() => ExecutionStatus::WaitingForInput,
            _ => ExecutionStatus::Running,
        }
    }

    /// Why it failed, once it has.
    pub(crate) fn error(&self) -> Option<&ErrorInfo> {
        self.ended.as_ref().and_then(|(_, error, _)| error.as_ref())
    }

    /// The node whose failure ended the run.
    pub(crate) fn failed_node(&self) -> Option<NodeIndex> {
        self.failure.as_ref().map(|failure| failure.1)
    }

    /// When it ended.
    pub(crate) fn finished_at(&self) -> Option<Timestamp> {
        self.ended.as_ref().map(|(_, _, at)| *at)
    }

    /// The type of the node that it begins with.
    pub(crate) fn entry_kind(&self) -> flero_model::workflow::NodeType {
        self.workflow.node(self.entry).kind
    }

    /// The node that it begins with.
    pub(crate) fn entry_index(&self) -> NodeIndex {
        self.entry
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.phase == Phase::Pending
    }

    /// When it wants to be looked at though nothing happens; `None` once it has ended.
    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        if matches!(self.phase, Phase::Ended | Phase::Pending) {
            return None;
        }
        if self.phase != Phase::Active {
            return Some(self.deadline);
        }
        // A retry that is due begins when an effect ends, if there is no place for it before.
        let full = self.in_flight >= self.max_in_flight;
        let is_retry = |at: At| self.active(at).is_some_and(|active| matches!(active.doing, Doing::Retry));
        let timer = self.timers.iter().filter(|(_, at)| !full || !is_retry(*at)).map(|(at, _)| *at).min();
        // While it only waits, its deadline stands still.
        if self.only_waits() {
            timer
        } else {
            Some(timer.map_or(self.deadline, |timer| timer.min(self.deadline)))
        }
    }

    /// Whether Wait nodes are all that goes on.
    pub(crate) fn only_waits(&self) -> bool {
        self.phase == Phase::Active
            && self.in_flight == 0
            && self.ready.is_empty()
            && !self.timers.is_empty()
            && self.timers.iter().all(|(_, at)| {
                matches!(&self.cell(*at).state, State::Active(active) if matches!(active.doing, Doing::Wait))
            })
    }

    /// Takes the run out of its place, to be carried out elsewhere; a blank one stays behind.
    pub(crate) fn take_out(&mut self) -> Self {
        let blank = Self::blank(Arc::clone(&self.workflow), self.id, self.max_in_flight);
        std::mem::replace(self, blank)
    }

    fn cell(&self, at: At) -> &Cell {
        let (_, local) = self.workflow.scopes.of[at.1 as usize];
        &self.frames[at.0 as usize].cells[local as usize]
    }

    fn cell_mut(&mut self, at: At) -> &mut Cell {
        let (_, local) = self.workflow.scopes.of[at.1 as usize];
        &mut self.frames[at.0 as usize].cells[local as usize]
    }

    fn active(&self, at: At) -> Option<&Active> {
        match &self.cell(at).state {
            State::Active(active) => Some(active),
            _ => None,
        }
    }

    fn active_mut(&mut self, at: At) -> Option<&mut Active> {
        match &mut self.cell_mut(at).state {
            State::Active(active) => Some(active),
            _ => None,
        }
    }

    /// The key of an effect: the same for each of its attempts and on every machine.
    pub(crate) fn effect_key(&self, at: At) -> String {
        format!("{}-{}-{}", self.id, at.0, at.1)
    }

    /// Whether the attempt is the one that goes on.
    pub(crate) fn expects(&self, ticket: Ticket) -> bool {
        self.active(ticket.at)
            .is_some_and(|active| active.attempt == ticket.attempt && matches!(active.doing, Doing::Effect))
    }
}

#[cfg(test)]
mod tests;
