//! Runs as values: no store, no clock, no sleeping.

mod attempts;
mod errors;
mod flow;
mod given;
mod loops;
mod property;
mod resume;
mod timing;

use std::sync::Arc;

use flero_model::{
    ExecutionId, Timestamp, WorkflowId,
    execution::{ExecutionStatus, NodeReport, TriggerKind},
    workflow::WorkflowDocument,
};
use flero_store::executions::Execution;
use serde_json::{Value, json};

use super::*;

/// What a test answers to a command.
type Answer<'a> = dyn FnMut(&Command) -> EffectResult + 'a;

/// A run with everything that it did.
struct Played {
    run: Run,
    records: Vec<Record>,
    commands: Vec<String>,
    pace: Pace,
    /// How many slices were not the end of what could be done.
    slices: usize,
}

fn compile(nodes: Value, edges: Value, settings: Value) -> Arc<CompiledWorkflow> {
    let document = json!({"name": "Test", "nodes": nodes, "edges": edges, "settings": settings});
    let document = WorkflowDocument::parse(&document).unwrap();
    Arc::new(CompiledWorkflow::compile(WorkflowId::from_u128(7), 1, &document).unwrap())
}

/// Edges as `"a>b"`, `"a.port>b"`.
fn edges(list: &[&str]) -> Value {
    list.iter()
        .map(|edge| {
            let (from, to) = edge.split_once('>').unwrap();
            let (from, port) = from.split_once('.').unwrap_or((from, "output"));
            json!({"from": from, "fromPort": port, "to": to})
        })
        .collect()
}

/// A node whose name is its id in upper case.
fn node(id: &str, kind: &str, parameters: Value) -> Value {
    json!({"id": id, "name": id.to_uppercase(), "type": kind, "parameters": parameters})
}

fn start() -> Value {
    node("s", "Start", json!({}))
}

fn call(id: &str) -> Value {
    node(id, "HTTPRequest", json!({"url": format!("https://svc.example/{id}")}))
}

fn accept(workflow: &Arc<CompiledWorkflow>, input: Value, places: usize) -> (Run, Record) {
    let entry = workflow.entry(None).unwrap();
    let env = Arc::new(json!({"REGION": "eu"}).as_object().unwrap().clone());
    let now = Timestamp::from_millis(1_000_000);
    let begin = Beginning {
        id: ExecutionId::from_u128(9),
        entry,
        input: Arc::new(input),
        env,
        ancestry: Vec::new(),
        given: Taken::default(),
        now,
    };
    Run::accept(Arc::clone(workflow), begin, places)
}

fn ok(status: u16, body: Value) -> EffectResult {
    EffectResult::Http {
        output: Arc::new(json!({"statusCode": status, "body": body})),
        status,
        retry_after_ms: None,
    }
}

fn name(run: &Run, command: &Command) -> String {
    let ticket = command.ticket();
    let node = &run.workflow.node(ticket.at.1).id;
    let iteration: Vec<String> = run.iteration(ticket.at.0).iter().map(u32::to_string).collect();
    format!(
        "{node}{}#{}",
        if iteration.is_empty() { String::new() } else { format!("[{}]", iteration.join(",")) },
        ticket.attempt
    )
}

/// Plays a run to its end: effects are answered in the order in which they began, and time jumps to the next timer
/// when nothing else goes on.
fn play(workflow: &Arc<CompiledWorkflow>, input: Value, answer: &mut Answer<'_>) -> Played {
    play_at(Pace::Brief, workflow, input, answer)
}

/// As [`play`], in slices of a pace; one that was cut short goes on in a long one.
fn play_at(pace: Pace, workflow: &Arc<CompiledWorkflow>, input: Value, answer: &mut Answer<'_>) -> Played {
    let (run, begun) = accept(workflow, input, 16);
    let now = run.accepted;
    let mut played = Played { run, records: vec![begun], commands: Vec::new(), pace, slices: 0 };
    let step = played.run.take(Event::Go, now, pace);
    played.go_on(step, now, answer);
    played
}

impl Played {
    fn go_on(&mut self, step: Step, mut now: Timestamp, answer: &mut Answer<'_>) {
        let mut open: VecDeque<Command> = VecDeque::new();
        let mut step = step;
        for _ in 0..200_000 {
            let is_cut = step.records.is_empty();
            self.records.append(&mut step.records);
            for command in &step.commands {
                self.commands.push(name(&self.run, command));
            }
            open.extend(step.commands.drain(..));
            if self.run.status().is_final() {
                return;
            }
            if self.run.has_more() {
                self.slices += 1;
                // What is too much for a slice of this pace comes to its end in a long one.
                let pace = if is_cut { Pace::Long } else { self.pace };
                step = self.run.take(Event::Tick, now, pace);
                continue;
            }
            step = match open.pop_front() {
                Some(command) => {
                    now = now.plus_millis(1);
                    let result = answer(&command);
                    self.run.take(Event::Effect(command.ticket(), result), now, self.pace)
                }
                None => {
                    let wake = self.run.wake_at().expect("a run without effects in flight waits for a time");
                    assert!(
                        wake > now || self.run.wake_at() == Some(wake),
                        "a run asks to be woken in the past"
                    );
                    now = now.max(wake);
                    self.run.take(Event::Tick, now, self.pace)
                }
            };
        }
        panic!("the run does not end");
    }

    fn report(&self) -> Vec<NodeReport> {
        self.run.report(&row(&self.run)).nodes
    }

    fn node(&self, id: &str) -> NodeReport {
        self.report().into_iter().find(|node| node.node_id == id).unwrap()
    }

    fn output(&self) -> Value {
        (*self.run.output()).clone()
    }

    fn status(&self) -> ExecutionStatus {
        self.run.status()
    }

    fn code(&self) -> &str {
        self.run.error().map_or("", |error| &error.code)
    }
}

fn row(run: &Run) -> Execution {
    Execution {
        id: run.id,
        workspace: flero_model::WorkspaceId::from_u128(1),
        workflow: run.workflow.id,
        version: 1,
        status: run.status(),
        trigger: TriggerKind::Manual,
        acting_for: flero_model::UserId::from_u128(1),
        created_at: run.accepted,
        started_at: run.started,
        finished_at: run.finished_at(),
        error: run.error().cloned(),
        cancel_requested: false,
    }
}

fn none(command: &Command) -> EffectResult {
    panic!("no effect was expected: {command:?}")
}
