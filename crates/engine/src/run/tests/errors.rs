//! Failures: error ports, policies, retries, error handling.

use flero_model::execution::NodeStatus;

use super::*;

fn refused(_: &Command) -> EffectResult {
    EffectResult::Failed(Failure::new("http.connect", "No connection.").retryable())
}

#[test]
fn an_error_port_takes_over() {
    let workflow = compile(
        json!([
            start(),
            call("c"),
            node("good", "Terminal", json!({"output": "good"})),
            node(
                "bad",
                "Terminal",
                json!({"output": {"status": "{{ $input.statusCode }}", "code": "{{ $error.code }}", "class": "{{ $input.error.class }}"}})
            )
        ]),
        edges(&["s>c", "c>good", "c.error>bad"]),
        json!({}),
    );
    let played = play(&workflow, json!({}), &mut |_| ok(404, json!("no such order")));
    assert_eq!(played.status(), ExecutionStatus::Success);
    assert_eq!(played.output(), json!({"status": 404, "code": "http.status", "class": "other"}));
    let call = played.node("c");
    assert_eq!((call.status, call.port.as_deref()), (NodeStatus::Success, Some("error")));
    assert_eq!(played.node("good").status, NodeStatus::Skipped);
}

#[test]
fn without_an_error_port_the_policy_decides() {
    let graph = |policy: &str| {
        compile(
            json!([
                start(),
                call("c"),
                call("d"),
                node("after", "Set", json!({})),
                node("other", "Set", json!({"fields": {"done": true}}))
            ]),
            edges(&["s>c", "c>after", "s>d", "d>other"]),
            json!({"errorPolicy": policy}),
        )
    };
    let answer = |command: &Command| match command {
        Command::CallHttp { node, .. } if &**node == "c" => ok(500, json!("broken")),
        _ => ok(200, json!("fine")),
    };
    let stopped = play(&graph("stop"), json!({}), &mut { answer });
    assert_eq!((stopped.status(), stopped.code()), (ExecutionStatus::Failed, "http.status"));
    // What already ran was let finish; what would have followed was not begun.
    assert_eq!(stopped.node("d").status, NodeStatus::Success);
    assert_eq!(stopped.node("other").status, NodeStatus::Skipped);
    let went_on = play(&graph("continue"), json!({}), &mut { answer });
    assert_eq!((went_on.status(), went_on.code()), (ExecutionStatus::Failed, "http.status"));
    assert_eq!(went_on.node("other").status, NodeStatus::Success);
    assert_eq!(went_on.node("after").status, NodeStatus::Skipped);
    assert_eq!(went_on.node("c").output["statusCode"], 500);
}

#[test]
fn an_error_status_is_an_output_where_fail_on_error_is_off() {
    let workflow = compile(
        json!([
            start(),
            node("c", "HTTPRequest", json!({"url": "https://svc.example/", "failOnError": false}))
        ]),
        edges(&["s>c"]),
        json!({}),
    );
    let played = play(&workflow, json!({}), &mut |_| ok(503, json!("later")));
    assert_eq!(
        (played.status(), played.output()["statusCode"].clone()),
        (ExecutionStatus::Success, json!(503))
    );
}

#[test]
fn what_is_tried_again_depends_on_retry_on() {
    let attempts = |retry_on: &str, answer: &mut Answer<'_>| {
        let workflow = compile(
            json!([
                start(),
                node(
                    "c",
                    "HTTPRequest",
                    json!({"url": "https://svc.example/", "retries": 2, "retryDelayMs": 100, "retryOn": retry_on})
                )
            ]),
            edges(&["s>c"]),
            json!({}),
        );
        play(&workflow, json!({}), answer).commands.len()
    };
    let timeout = |_: &Command| EffectResult::Failed(Failure::new("http.timeout", "Too slow.").retryable());
    let refusal =
        |_: &Command| EffectResult::Failed(Failure::new("credential.destination_refused", "Not there."));
    for (retry_on, on_500, on_404, on_timeout, on_connect, on_refusal) in
        [("5xx", 3, 1, 1, 1, 1), ("5xx+timeout", 3, 1, 3, 1, 1), ("all", 3, 3, 3, 3, 1)]
    {
        assert_eq!(attempts(retry_on, &mut |_| ok(500, json!(""))), on_500, "{retry_on}");
        assert_eq!(attempts(retry_on, &mut |_| ok(404, json!(""))), on_404, "{retry_on}");
        assert_eq!(attempts(retry_on, &mut { timeout }), on_timeout, "{retry_on}");
        assert_eq!(attempts(retry_on, &mut { refused }), on_connect, "{retry_on}");
        assert_eq!(attempts(retry_on, &mut { refusal }), on_refusal, "{retry_on}");
    }
}

#[test]
fn a_run_that_stops_tries_nothing_again() {
    let retried =
        node("d", "HTTPRequest", json!({"url": "https://svc.example/d", "retries": 3, "retryDelayMs": 0}));
    let workflow = compile(json!([start(), call("c"), retried]), edges(&["s>c", "s>d"]), json!({}));
    let played = play(&workflow, json!({}), &mut |_| ok(500, json!("broken")));
    assert_eq!(played.commands, ["c#1", "d#1"]);
    let d = played.node("d");
    assert_eq!((d.status, d.error.unwrap().code.as_str()), (NodeStatus::Failed, "http.status"));
}

#[test]
fn every_attempt_carries_the_same_idempotency_key() {
    let workflow = compile(
        json!([
            start(),
            node(
                "c",
                "HTTPRequest",
                json!({"url": "https://svc.example/", "method": "POST", "retries": 3, "retryDelayMs": 0})
            )
        ]),
        edges(&["s>c"]),
        json!({}),
    );
    let mut keys = std::collections::HashSet::new();
    let mut count = 0;
    play(&workflow, json!({}), &mut |command| {
        let Command::CallHttp { call, .. } = command else { panic!("not a call") };
        keys.insert(call.headers.iter().find(|(name, _)| name == "Idempotency-Key").unwrap().1.clone());
        count += 1;
        ok(500, json!(""))
    });
    assert_eq!((count, keys.len()), (4, 1));
}

#[test]
fn a_failed_attempt_waits_as_long_as_the_service_asks() {
    let workflow = compile(
        json!([
            start(),
            node(
                "c",
                "HTTPRequest",
                json!({"url": "https://svc.example/", "retries": 1, "retryDelayMs": 100})
            )
        ]),
        edges(&["s>c"]),
        json!({}),
    );
    let (run, _) = accept(&workflow, json!({}), 16);
    let now = run.accepted;
    let (run, step) = advance(run, Event::Go, now);
    let busy = EffectResult::Http { output: Arc::default(), status: 503, retry_after_ms: Some(20_000) };
    let (run, step) = advance(run, Event::Effect(step.commands[0].ticket(), busy), now);
    assert!(step.commands.is_empty());
    assert_eq!(run.wake_at(), Some(now.plus_millis(20_000)));
    assert_eq!(run.status(), ExecutionStatus::Running);
    let (run, early) = advance(run, Event::Tick, now.plus_millis(19_999));
    assert!(early.records.is_empty() && early.commands.is_empty());
    let (_, step) = advance(run, Event::Tick, now.plus_millis(20_000));
    assert_eq!(step.commands[0].ticket().attempt, 2);
}

#[test]
fn error_handling_sorts_by_class_and_pattern() {
    let workflow = compile(
        json!([
            start(),
            call("c"),
            node(
                "h",
                "ErrorHandling",
                json!({"filters": [{"type": "timeout"}, {"type": "network", "port": "net"},
            {"type": "custom", "pattern": "status 4(18|51)", "port": "teapot"}, {"type": "authentication"}]})
            ),
            node("a", "Terminal", json!({"output": "timeout"})),
            node("b", "Terminal", json!({"output": "net"})),
            node("d", "Terminal", json!({"output": "teapot"})),
            node("e", "Terminal", json!({"output": "authentication"})),
            node("f", "Terminal", json!({"output": "default"}))
        ]),
        edges(&[
            "s>c",
            "c.error>h",
            "h.timeout>a",
            "h.net>b",
            "h.teapot>d",
            "h.authentication>e",
            "h.default>f",
        ]),
        json!({}),
    );
    for (result, port) in [
        (EffectResult::Failed(Failure::new("http.timeout", "x")), "timeout"),
        (EffectResult::Failed(Failure::new("http.dns", "x")), "net"),
        (ok(418, json!("")), "teapot"),
        (ok(401, json!("")), "authentication"),
        (EffectResult::Failed(Failure::new("credential.destination_refused", "x")), "authentication"),
        (ok(500, json!("")), "default"),
    ] {
        let mut result = Some(result);
        let played = play(&workflow, json!({}), &mut |_| result.take().unwrap());
        assert_eq!(played.output(), json!(port));
    }
}

#[test]
fn an_expression_that_cannot_be_resolved_is_told_in_place_or_fails_the_node() {
    let graph = |settings: Value| {
        compile(
            json!([
                start(),
                node(
                    "a",
                    "Set",
                    json!({"fields": {"x": "{{ $input.nothing.here }}", "y": "v {{ $node[\"Q\"].json }}"}})
                )
            ]),
            edges(&["s>a"]),
            settings,
        )
    };
    let told = play(&graph(json!({})), json!({"some": 1}), &mut none);
    assert_eq!(told.status(), ExecutionStatus::Success);
    assert!(told.output()["x"].as_str().unwrap().starts_with("[EXPR-ERROR: "), "{}", told.output());
    let failed = play(&graph(json!({"failOnExpressionError": true})), json!({"some": 1}), &mut none);
    assert_eq!((failed.status(), failed.code()), (ExecutionStatus::Failed, "expression.unresolved"));
    // A URL decides what is done, so it fails in any case.
    let url = compile(
        json!([start(), node("c", "HTTPRequest", json!({"url": "https://svc.example/{{ $input.id }}"}))]),
        edges(&["s>c"]),
        json!({}),
    );
    let failed = play(&url, json!({}), &mut none);
    assert_eq!((failed.status(), failed.code()), (ExecutionStatus::Failed, "expression.unresolved"));
}

#[test]
fn cancelling_lets_the_running_node_finish_and_begins_nothing() {
    let workflow =
        compile(json!([start(), call("c"), node("a", "Set", json!({}))]), edges(&["s>c", "c>a"]), json!({}));
    let (run, _) = accept(&workflow, json!({}), 16);
    let now = run.accepted;
    let (run, step) = advance(run, Event::Go, now);
    let ticket = step.commands[0].ticket();
    let (run, step) = advance(run, Event::Cancel, now);
    assert_eq!((run.status(), step.commands.len()), (ExecutionStatus::Running, 0));
    let (run, _) = advance(run, Event::Effect(ticket, ok(200, json!("done"))), now);
    assert_eq!(run.status(), ExecutionStatus::Cancelled);
    let report = run.report(&row(&run)).nodes;
    assert_eq!(report[1].status, NodeStatus::Success);
    assert_eq!(report[2].status, NodeStatus::Skipped);
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let workflow = compile(json!([start(), call("c")]), edges(&["s>c"]), json!({}));
    let (run, _) = accept(&workflow, json!({}), 16);
    let now = run.accepted;
    let (run, step) = advance(run, Event::Go, now);
    let ticket = step.commands[0].ticket();
    let stale = Ticket { attempt: 2, ..ticket };
    let (run, step) = advance(run, Event::Effect(stale, ok(200, json!("x"))), now);
    assert!(step.records.is_empty());
    let (run, _) = advance(run, Event::Effect(ticket, ok(200, json!("x"))), now);
    let (_, step) = advance(run, Event::Effect(ticket, ok(200, json!("twice"))), now);
    assert!(step.records.is_empty());
}
