//! The single attempts of a node, as a report tells them.

use flero_model::execution::{AttemptReport, NodeStatus};

use super::*;

fn stubborn(retries: u32) -> Value {
    node(
        "c",
        "HTTPRequest",
        json!({"url": "https://svc.example/", "retries": retries, "retryOn": "all", "retryDelayMs": 1_000}),
    )
}

fn down() -> EffectResult {
    EffectResult::Failed(Failure::new("http.connect", "No connection.").retryable())
}

fn codes(attempts: &[AttemptReport]) -> Vec<(u32, Option<&str>)> {
    attempts.iter().map(|one| (one.number, one.error.as_ref().map(|error| error.code.as_str()))).collect()
}

#[test]
fn a_node_that_is_tried_again_tells_each_attempt_and_one_that_is_not_tells_none() {
    let workflow = compile(json!([start(), stubborn(2), call("d")]), edges(&["s>c", "c>d"]), json!({}));
    let mut answers =
        [ok(503, json!("busy")), down(), ok(200, json!("fine")), ok(200, json!("d"))].into_iter();
    let played = play(&workflow, json!({}), &mut |_| answers.next().unwrap());
    assert_eq!(played.status(), ExecutionStatus::Success);
    let node = played.node("c");
    let told = &node.attempt_details;
    assert_eq!(codes(told), [(1, Some("http.status")), (2, Some("http.connect")), (3, None)]);
    // Only the answer of the last attempt is the output of the node.
    assert_eq!(told[0].error.as_ref().unwrap().message, "The service answered with status 503.");
    // The harness answers after a millisecond and jumps to the time at which the next attempt is due.
    assert_eq!(told[0].started_at, node.started_at.unwrap());
    assert_eq!(told[0].finished_at, Some(told[0].started_at.plus_millis(1)));
    assert_eq!((told[0].next_at, told[1].next_at), (Some(told[1].started_at), Some(told[2].started_at)));
    assert_eq!((told[2].next_at, told[2].finished_at), (None, node.finished_at));
    assert!(told.iter().all(|attempt| !attempt.uncertain));
    assert_eq!(played.node("d").attempt_details, []);
    // The journal tells the same.
    let entry = crate::journal::encode(&played.records);
    let records = crate::journal::decode(played.run.id, &[entry]).unwrap();
    let again = Run::restore(Arc::clone(&workflow), played.run.id, &records, 16);
    assert_eq!(again.report(&row(&again)), played.run.report(&row(&played.run)));
}

#[test]
fn a_failed_attempt_is_told_while_the_next_one_is_waited_for_and_the_last_one_has_the_error_of_the_node() {
    let workflow = compile(json!([start(), stubborn(1)]), edges(&["s>c"]), json!({}));
    let (run, _) = accept(&workflow, json!({}), 16);
    let now = run.accepted;
    let (run, step) = advance(run, Event::Go, now);
    let ticket = step.commands[0].ticket();
    assert_eq!(run.report(&row(&run)).nodes[1].attempt_details, []);
    let (run, _) = advance(run, Event::Effect(ticket, down()), now.plus_millis(7));
    let node = &run.report(&row(&run)).nodes[1];
    assert_eq!((node.status, node.attempts), (NodeStatus::Waiting, 1));
    assert_eq!(codes(&node.attempt_details), [(1, Some("http.connect"))]);
    let first = &node.attempt_details[0];
    assert_eq!((first.finished_at, first.next_at), (Some(now.plus_millis(7)), run.wake_at()));
    let next = first.next_at.unwrap();
    let (run, step) = advance(run, Event::Tick, next);
    let going = &run.report(&row(&run)).nodes[1].attempt_details;
    assert_eq!((going.len(), going[1].started_at, going[1].finished_at), (2, next, None));
    let (run, _) =
        advance(run, Event::Effect(step.commands[0].ticket(), ok(404, json!("gone"))), next.plus_millis(3));
    let node = &run.report(&row(&run)).nodes[1];
    assert_eq!(node.status, NodeStatus::Failed);
    assert_eq!(codes(&node.attempt_details), [(1, Some("http.connect")), (2, Some("http.status"))]);
    assert_eq!(node.attempt_details[1].error, node.error);
    assert_eq!(node.attempt_details[1].finished_at, node.finished_at);
}

#[test]
fn each_iteration_has_its_own_attempts() {
    let workflow = compile(
        json!([start(), node("l", "Loop", json!({"items": "{{ $trigger.list }}"})), stubborn(1)]),
        edges(&["s>l", "l.loop>c"]),
        json!({}),
    );
    let mut seen = 0;
    let played = play(&workflow, json!({"list": [1, 2]}), &mut |_| {
        seen += 1;
        if seen == 1 { down() } else { ok(200, json!("fine")) }
    });
    assert_eq!(played.status(), ExecutionStatus::Success);
    let told: Vec<_> = played
        .report()
        .into_iter()
        .filter(|node| node.node_id == "c")
        .map(|node| (node.iteration, node.attempt_details.len()))
        .collect();
    assert_eq!(told, [(vec![0], 2), (vec![1], 0)]);
}

#[test]
fn code_that_a_crash_cut_short_is_told_without_doubt() {
    let workflow = compile(
        json!([start(), node("c", "Code", json!({"source": "return 1"}))]),
        edges(&["s>c"]),
        json!({}),
    );
    let (run, begun) = accept(&workflow, json!({}), 16);
    let now = run.accepted;
    let (run, mut step) = advance(run, Event::Go, now);
    step.records.insert(0, begun);
    let restored = Run::restore(Arc::clone(&workflow), run.id, &step.records, 16);
    let (run, _) = advance(restored, Event::Resumed, now.plus_millis(10));
    let told = &run.report(&row(&run)).nodes[1].attempt_details;
    assert_eq!(codes(told), [(1, None), (2, None)]);
    assert_eq!((told[0].finished_at, told[0].uncertain), (None, false));
    assert_eq!(told[1].started_at, now.plus_millis(10));
}

#[test]
fn a_journal_that_does_not_say_when_an_attempt_failed_is_read() {
    let entry = br#"{"v":1,"r":[{"y":{"n":[0,1],"a":1,"u":5,"x":{"code":"http.connect","message":"No."}}}]}"#;
    let records = crate::journal::decode(ExecutionId::from_u128(9), &[entry.to_vec()]).unwrap();
    assert!(matches!(&records[..], [Record::Retry { u: 5, t: None, .. }]));
}
