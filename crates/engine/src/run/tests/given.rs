//! Runs that take outputs as given.

use super::*;
use crate::{Given, GivenOutput};

fn given(only: Option<&str>, outputs: &[(&str, &str, Value)]) -> Given {
    let outputs = outputs.iter().map(|(id, port, output)| {
        ((*id).to_owned(), GivenOutput { port: (*port).to_owned(), output: output.clone() })
    });
    Given { only: only.map(str::to_owned), outputs: outputs.collect() }
}

fn begun(workflow: &Arc<CompiledWorkflow>, given: Given) -> (Run, Record) {
    let given = Taken::read(workflow, given).unwrap();
    let begin = Beginning {
        id: ExecutionId::from_u128(9),
        entry: given.only.unwrap_or_else(|| workflow.entry(None).unwrap()),
        input: Arc::new(json!({"n": 1})),
        env: Arc::default(),
        ancestry: Vec::new(),
        given,
        now: Timestamp::from_millis(1_000_000),
    };
    Run::accept(Arc::clone(workflow), begin, 4)
}

fn compiled(document: Value) -> Arc<CompiledWorkflow> {
    let document = WorkflowDocument::parse(&document).unwrap();
    Arc::new(CompiledWorkflow::compile(WorkflowId::from_u128(7), 1, &document).unwrap())
}

fn workflow() -> Arc<CompiledWorkflow> {
    compiled(json!({"name": "given", "nodes": [
        {"id": "s", "name": "Start", "type": "Start"},
        {"id": "call", "name": "Call", "type": "HTTPRequest", "parameters": {"url": "https://api.example.com"}},
        {"id": "set", "name": "Shape", "type": "Set", "parameters": {"keepInput": false, "fields": {
            "title": "{{ $node[\"Call\"].json.body.title }}", "input": "{{ $input.statusCode }}", "n": "{{ $trigger.n }}"}}},
        {"id": "after", "name": "After", "type": "Set", "parameters": {"fields": {"late": true}}}],
      "edges": [{"from": "s", "to": "call"}, {"from": "call", "to": "set"}, {"from": "set", "to": "after"}]}))
}

#[test]
fn one_node_is_carried_out_alone_with_what_the_others_are_taken_to_have() {
    let answer = json!({"statusCode": 200, "body": {"title": "Book"}});
    let (run, record) = begun(&workflow(), given(Some("set"), &[("call", "output", answer)]));
    let (run, step) = advance(run, Event::Go, Timestamp::from_millis(1_000_100));
    assert!(step.commands.is_empty());
    assert_eq!(run.status(), ExecutionStatus::Success);
    assert_eq!(*run.output(), json!({"title": "Book", "input": 200, "n": 1}));
    // A run that is restored from its journal is the same run.
    let entry = crate::journal::encode(&[vec![record], step.records].concat());
    let records = crate::journal::decode(run.id, &[entry]).unwrap();
    let again = Run::restore(Arc::clone(&run.workflow), run.id, &records, 4);
    assert_eq!((again.status(), again.output()), (run.status(), run.output()));
    assert_eq!(again.begun, run.begun);
}

#[test]
fn a_given_output_stands_in_for_a_call_in_a_whole_run() {
    let answer = json!({"statusCode": 200, "body": {"title": "Book"}});
    let (run, _) = begun(&workflow(), given(None, &[("call", "output", answer)]));
    let (run, step) = advance(run, Event::Go, Timestamp::from_millis(1_000_100));
    assert!(step.commands.is_empty(), "nothing is called");
    assert_eq!(run.output()["late"], true);
}

#[test]
fn without_what_it_needs_a_node_says_so_and_nothing_else_runs() {
    let (run, _) = begun(&workflow(), given(Some("set"), &[]));
    let (run, step) = advance(run, Event::Go, Timestamp::from_millis(1_000_100));
    assert!(step.commands.is_empty());
    assert!(run.output()["title"].as_str().unwrap().starts_with("[EXPR-ERROR"), "{}", run.output());
}

#[test]
fn a_node_that_does_not_exist_or_stands_in_a_loop_is_refused() {
    assert!(Taken::read(&workflow(), given(Some("gone"), &[])).is_err());
    assert!(Taken::read(&workflow(), given(None, &[("gone", "output", json!(1))])).is_err());
    let looped = compiled(json!({"name": "loop", "nodes": [
        {"id": "s", "name": "Start", "type": "Start"},
        {"id": "l", "name": "Loop", "type": "Loop", "parameters": {"items": "{{ [1, 2] }}"}},
        {"id": "b", "name": "Body", "type": "Set", "parameters": {"fields": {"x": 1}}}],
      "edges": [{"from": "s", "to": "l"}, {"from": "l", "fromPort": "loop", "to": "b"}]}));
    assert!(Taken::read(&looped, given(Some("b"), &[])).is_err());
    let (run, _) = begun(&looped, given(Some("l"), &[]));
    let (run, _) = advance(run, Event::Go, Timestamp::from_millis(1_000_100));
    assert_eq!(run.output().as_array().unwrap().len(), 2, "a loop is tested with its body");
}
