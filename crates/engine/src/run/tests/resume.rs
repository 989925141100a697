//! Going on after a crash.

use super::*;

//  s ──► a ──► b (POST) ──► l ─loop─► c
//                           └done─► t
fn workflow(on_uncertain: &str) -> Arc<CompiledWorkflow> {
    let mut post = node(
        "b",
        "HTTPRequest",
        json!({"url": "https://svc.example/", "method": "POST", "body": {"x": "{{ $input.x }}"}}),
    );
    post["onUncertain"] = json!(on_uncertain);
    compile(
        json!([
            start(),
            node(
                "a",
                "Set",
                json!({"fields": {"x": "{{ $env.REGION }}"}, "variables": {"seen": "{{ $trigger.n }}"}})
            ),
            post,
            node("l", "Loop", json!({"items": "{{ $trigger.list }}"})),
            call("c"),
            node("w", "Wait", json!({"durationMs": 5_000})),
            node(
                "t",
                "Terminal",
                json!({"output": {"all": "{{ $input }}", "seen": "{{ $workflow.variables.seen }}"}})
            )
        ]),
        edges(&["s>a", "a>b", "b>l", "l.loop>c", "l.done>w", "w>t"]),
        json!({}),
    )
}

fn echo(command: &Command) -> EffectResult {
    match command {
        Command::CallHttp { node, call, ticket, .. } => ok(200, json!([&**node, call.url, ticket.at.0])),
        _ => none(command),
    }
}

fn input() -> Value {
    json!({"n": 3, "list": [1, 2, 3]})
}

fn stored(records: &[Record]) -> Vec<Record> {
    crate::journal::decode(ExecutionId::from_u128(9), &[crate::journal::encode(records)]).unwrap()
}

#[test]
fn a_run_restored_at_any_place_comes_to_the_same_end() {
    let workflow = workflow("retry");
    let whole = play(&workflow, input(), &mut echo);
    assert_eq!(whole.status(), ExecutionStatus::Success);
    for cut in 1..whole.records.len() {
        let records = stored(&whole.records[..cut]);
        let run = Run::restore(Arc::clone(&workflow), whole.run.id, &records, 16);
        let now = Timestamp::from_millis(2_000_000);
        let mut played = Played { run, records, commands: Vec::new(), pace: Pace::Brief, slices: 0 };
        let step = if played.run.is_pending() {
            played.run.take(Event::Go, now, Pace::Brief)
        } else {
            played.run.take(Event::Resumed, now, Pace::Brief)
        };
        played.go_on(step, now, &mut echo);
        assert_eq!(played.output(), whole.output(), "cut at {cut}");
        assert_eq!(played.status(), whole.status(), "cut at {cut}");
        // The journal that was continued restores to the same run once more.
        let again = Run::restore(Arc::clone(&workflow), whole.run.id, &stored(&played.records), 16);
        assert_eq!(*again.output(), played.output());
        assert_eq!(again.report(&row(&again)), played.run.report(&row(&played.run)), "cut at {cut}");
    }
}

#[test]
fn what_was_in_flight_is_tried_again_with_its_key_and_marked() {
    let workflow = workflow("retry");
    let (run, begun) = accept(&workflow, input(), 16);
    let now = run.accepted;
    let (run, mut step) = advance(run, Event::Go, now);
    let Command::CallHttp { call: first, .. } = step.commands.remove(0) else { panic!("not a call") };
    step.records.insert(0, begun);
    let restored = Run::restore(Arc::clone(&workflow), run.id, &stored(&step.records), 16);
    let (run, mut step) = advance(restored, Event::Resumed, now.plus_millis(10));
    let command = step.commands.remove(0);
    assert_eq!(command.ticket().attempt, 2);
    let Command::CallHttp { call: second, ticket, .. } = command else { panic!("not a call") };
    let key =
        |call: &HttpCall| call.headers.iter().find(|(name, _)| name == "Idempotency-Key").unwrap().1.clone();
    assert_eq!(key(&first), key(&second));
    assert_eq!(first.body, second.body);
    let (run, _) = advance(run, Event::Effect(ticket, ok(200, json!(1))), now.plus_millis(20));
    let report = run.report(&row(&run)).nodes;
    let node = report.iter().find(|node| node.node_id == "b").unwrap();
    assert!(node.maybe_duplicated && node.attempts == 2);
    // When the first attempt ended is not known: the process died meanwhile.
    let told: Vec<_> =
        node.attempt_details.iter().map(|one| (one.number, one.uncertain, one.finished_at)).collect();
    assert_eq!(told, [(1, true, None), (2, false, Some(now.plus_millis(20)))]);
}

#[test]
fn what_must_not_be_repeated_fails() {
    let workflow = workflow("fail");
    let (run, begun) = accept(&workflow, input(), 16);
    let now = run.accepted;
    let (run, mut step) = advance(run, Event::Go, now);
    step.records.insert(0, begun);
    let restored = Run::restore(Arc::clone(&workflow), run.id, &stored(&step.records), 16);
    let (run, step) = advance(restored, Event::Resumed, now);
    assert!(step.commands.is_empty());
    assert_eq!(
        (run.status(), run.error().unwrap().code.as_str()),
        (ExecutionStatus::Failed, "node.uncertain")
    );
    let node = &run.report(&row(&run)).nodes[2];
    assert!(node.attempt_details[0].uncertain && node.attempt_details[0].error == node.error);
}

#[test]
fn a_journal_of_another_version_or_a_broken_one_is_refused() {
    let id = ExecutionId::from_u128(9);
    for entry in [&b"{\"v\":2,\"r\":[]}"[..], b"", b"{\"v\":1,\"r\":[{\"?\":1}]}", b"\xff"] {
        assert!(crate::journal::decode(id, &[entry.to_vec()]).is_err());
    }
}
