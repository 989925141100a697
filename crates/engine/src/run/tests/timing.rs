//! Waits, the deadline, clocks that jump.

use super::*;

fn waiting(parameters: Value, settings: Value) -> Arc<CompiledWorkflow> {
    compile(
        json!([start(), node("w", "Wait", parameters), call("c"), node("t", "Terminal", json!({}))]),
        edges(&["s>w", "w>c", "c>t"]),
        settings,
    )
}

#[test]
fn a_wait_ends_at_its_time_and_not_before() {
    let workflow = waiting(json!({"durationMs": 60_000}), json!({}));
    let (run, _) = accept(&workflow, json!({"n": 1}), 16);
    let now = run.accepted;
    let (run, step) = advance(run, Event::Go, now);
    assert!(step.commands.is_empty());
    assert_eq!(
        (run.status(), run.wake_at()),
        (ExecutionStatus::WaitingForInput, Some(now.plus_millis(60_000)))
    );
    // A clock that was set back only makes it wait.
    for early in [now.plus_millis(59_999), now.plus_millis(-3_600_000)] {
        let (run, _) = accept(&workflow, json!({"n": 1}), 16);
        let (run, _) = advance(run, Event::Go, now);
        let (run, step) = advance(run, Event::Tick, early);
        assert!(step.records.is_empty() && !run.status().is_final());
    }
    let (run, step) = advance(run, Event::Tick, now.plus_millis(60_000));
    assert_eq!((run.status(), step.commands.len()), (ExecutionStatus::Running, 1));
}

#[test]
fn a_time_that_has_passed_is_not_waited_for() {
    let workflow = waiting(json!({"until": "1970-01-01T00:00:00Z"}), json!({}));
    let (run, _) = accept(&workflow, json!({}), 16);
    let now = run.accepted;
    let (_, step) = advance(run, Event::Go, now);
    assert_eq!(step.commands.len(), 1);
}

#[test]
fn waiting_does_not_count_as_running() {
    let workflow = waiting(json!({"durationMs": 3_600_000}), json!({"timeoutMs": 1_000}));
    let (run, _) = accept(&workflow, json!({}), 16);
    let now = run.accepted;
    let (run, _) = advance(run, Event::Go, now);
    let (run, _) = advance(run, Event::Tick, now.plus_millis(2_000));
    assert_eq!(run.status(), ExecutionStatus::WaitingForInput, "its time stands still");
    let later = now.plus_millis(3_600_000);
    let (run, step) = advance(run, Event::Tick, later);
    assert_eq!((run.status(), step.commands.len()), (ExecutionStatus::Running, 1));
    let (run, _) = advance(run, Event::Tick, later.plus_millis(999));
    assert_eq!(run.status(), ExecutionStatus::Running);
    let (run, _) = advance(run, Event::Tick, later.plus_millis(1_000));
    assert_eq!(
        (run.status(), run.error().unwrap().code.as_str()),
        (ExecutionStatus::Timeout, "workflow.timeout")
    );
    // What comes in after the end is nobody's any more.
    let (run, step) = advance(run, Event::Effect(step.commands[0].ticket(), ok(200, json!(1))), later);
    assert!(step.records.is_empty());
    assert_eq!(run.report(&row(&run)).nodes[2].status, flero_model::execution::NodeStatus::Cancelled);
}

#[test]
fn cancelling_a_wait_ends_the_run_at_once() {
    let workflow = waiting(json!({"durationMs": 3_600_000}), json!({}));
    let (run, _) = accept(&workflow, json!({}), 16);
    let now = run.accepted;
    let (run, _) = advance(run, Event::Go, now);
    let (run, _) = advance(run, Event::Cancel, now);
    assert_eq!(run.status(), ExecutionStatus::Cancelled);
}

#[test]
fn a_run_that_waits_for_its_place_can_be_cancelled() {
    let workflow = waiting(json!({"durationMs": 1}), json!({}));
    let (run, _) = accept(&workflow, json!({}), 16);
    assert_eq!((run.status(), run.wake_at()), (ExecutionStatus::Pending, None));
    let now = run.accepted;
    let (run, step) = advance(run, Event::Cancel, now);
    assert_eq!((run.status(), step.commands.len()), (ExecutionStatus::Cancelled, 0));
}

#[test]
fn a_retry_that_is_due_waits_for_a_free_place() {
    let retried =
        node("a", "HTTPRequest", json!({"url": "https://svc.example/a", "retries": 1, "retryDelayMs": 10}));
    let workflow = compile(json!([start(), retried, call("b")]), edges(&["s>a", "s>b"]), json!({}));
    let begun = |run: &Run, step: &Step| -> Vec<String> {
        step.commands.iter().map(|command| name(run, command)).collect()
    };
    let (run, _) = accept(&workflow, json!({}), 1);
    let now = run.accepted;
    let (run, step) = advance(run, Event::Go, now);
    assert_eq!(begun(&run, &step), ["a#1"]);
    let failed = Event::Effect(step.commands[0].ticket(), ok(500, json!("")));
    let (run, step) = advance(run, failed, now);
    assert_eq!(begun(&run, &step), ["b#1"]);
    let ended = Event::Effect(step.commands[0].ticket(), ok(200, json!("")));
    let (run, step) = advance(run, Event::Tick, now.plus_millis(10));
    assert_eq!(begun(&run, &step), Vec::<String>::new());
    let (run, step) = advance(run, ended, now.plus_millis(11));
    assert_eq!(begun(&run, &step), ["a#2"]);
}
