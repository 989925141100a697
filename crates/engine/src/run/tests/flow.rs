//! Edges, ports, joins, expressions.

use super::*;

#[test]
fn pure_nodes_run_through_in_one_step() {
    let workflow = compile(
        json!([
            start(),
            node("a", "Set", json!({"fields": {"x": "{{ $trigger.n + 1 }}"}})),
            node(
                "b",
                "Set",
                json!({"fields": {"y": "{{ $node[\"A\"].json.x * 2 }}", "r": "{{ $env.REGION }}"}})
            ),
            node("t", "Terminal", json!({}))
        ]),
        edges(&["s>a", "a>b", "b>t"]),
        json!({}),
    );
    let played = play(&workflow, json!({"n": 1}), &mut none);
    assert_eq!(played.status(), ExecutionStatus::Success);
    assert_eq!(played.output(), json!({"n": 1, "x": 2, "y": 4, "r": "eu"}));
    // Nothing is stored twice: what passes through is named, not copied.
    let journal = String::from_utf8(crate::journal::encode(&played.records)).unwrap();
    assert_eq!(journal.matches("\"y\":4").count(), 1);
}

//  s ──► i ─true──► a ──► m (Merge)
//        └──false─► b ──► m
#[test]
fn a_branch_that_is_not_taken_is_skipped_and_the_merge_does_not_wait_for_it() {
    let workflow = compile(
        json!([
            start(),
            node(
                "i",
                "If",
                json!({"conditions": [{"value1": "{{ $input.n }}", "operator": "greaterThan", "value2": 5}]})
            ),
            node("a", "Set", json!({"fields": {"big": true}})),
            node("b", "Set", json!({"fields": {"big": false}})),
            node("m", "Merge", json!({}))
        ]),
        edges(&["s>i", "i.true>a", "i.false>b", "a>m", "b>m"]),
        json!({}),
    );
    let played = play(&workflow, json!({"n": 9}), &mut none);
    assert_eq!(played.output(), json!([{"n": 9, "big": true}]));
    assert_eq!(played.node("b").status, flero_model::execution::NodeStatus::Skipped);
    assert_eq!(played.node("i").port.as_deref(), Some("true"));
}

#[test]
fn each_merge_mode_joins_in_its_way() {
    for (mode, expected) in [
        ("append", json!([{"a": 1, "k": "a"}, {"a": 1, "b": 2, "k": "b"}])),
        ("combine", json!({"a": 1, "b": 2, "k": "b"})),
        ("first", json!({"a": 1, "k": "a"})),
    ] {
        let workflow = compile(
            json!([
                start(),
                node("a", "Set", json!({"fields": {"k": "a"}})),
                node("b", "Set", json!({"fields": {"b": 2, "k": "b"}})),
                node("m", "Merge", json!({"mode": mode}))
            ]),
            edges(&["s>a", "s>b", "a>m", "b>m"]),
            json!({}),
        );
        assert_eq!(play(&workflow, json!({"a": 1}), &mut none).output(), expected, "{mode}");
    }
}

#[test]
fn a_merge_of_the_first_does_not_wait_for_the_slow_branch() {
    let workflow = compile(
        json!([
            start(),
            call("slow"),
            call("fast"),
            node("m", "Merge", json!({"mode": "first"})),
            call("after")
        ]),
        edges(&["s>slow", "s>fast", "slow>m", "fast>m", "m>after"]),
        json!({}),
    );
    let (run, _) = accept(&workflow, json!({}), 16);
    let now = run.accepted;
    let (run, step) = advance(run, Event::Go, now);
    let fast = step.commands.iter().find(|command| name(&run, command).starts_with("fast")).unwrap().ticket();
    let (run, step) = advance(run, Event::Effect(fast, ok(200, json!("quick"))), now);
    assert_eq!(step.commands.len(), 1);
    assert_eq!(name(&run, &step.commands[0]), "after#1");
}

#[test]
fn independent_effects_are_in_flight_together_up_to_the_limit() {
    let workflow = compile(
        json!([start(), call("a"), call("b"), call("c"), node("m", "Merge", json!({}))]),
        edges(&["s>a", "s>b", "s>c", "a>m", "b>m", "c>m"]),
        json!({}),
    );
    let (run, _) = accept(&workflow, json!({}), 2);
    let now = run.accepted;
    let (run, step) = advance(run, Event::Go, now);
    assert_eq!(step.commands.len(), 2);
    let (run, next) = advance(run, Event::Effect(step.commands[0].ticket(), ok(200, json!(1))), now);
    assert_eq!(next.commands.len(), 1);
    let (run, _) = advance(run, Event::Effect(step.commands[1].ticket(), ok(200, json!(2))), now);
    let (run, _) = advance(run, Event::Effect(next.commands[0].ticket(), ok(200, json!(3))), now);
    assert_eq!(run.status(), ExecutionStatus::Success);
    assert_eq!(run.output().as_array().unwrap().len(), 3);
}

#[test]
fn a_node_with_several_inputs_gets_their_members_together() {
    let workflow = compile(
        json!([
            start(),
            node("a", "Set", json!({"keepInput": false, "fields": {"x": 1}})),
            node("b", "Set", json!({"keepInput": false, "fields": {"y": 2}})),
            node("t", "Terminal", json!({}))
        ]),
        edges(&["s>a", "s>b", "a>t", "b>t"]),
        json!({}),
    );
    assert_eq!(play(&workflow, json!({}), &mut none).output(), json!({"x": 1, "y": 2}));
}

#[test]
fn a_switch_takes_the_first_case_that_fits() {
    let workflow = compile(
        json!([
            start(),
            node(
                "w",
                "Switch",
                json!({"value": "{{ $input.type }}", "cases": [
            {"match": "subscription.*", "port": "sub"}, {"match": "invoice.paid", "port": "paid"}, {"match": 7, "port": "seven"}]})
            ),
            node("a", "Terminal", json!({"output": "sub"})),
            node("b", "Terminal", json!({"output": "paid"})),
            node("c", "Terminal", json!({"output": "seven"})),
            node("d", "Terminal", json!({"output": "default"}))
        ]),
        edges(&["s>w", "w.sub>a", "w.paid>b", "w.seven>c", "w.default>d"]),
        json!({}),
    );
    for (value, expected) in [
        (json!("subscription.updated"), "sub"),
        (json!("subscription"), "default"),
        (json!("invoice.paid"), "paid"),
        (json!("Invoice.paid"), "default"),
        (json!(7), "seven"),
        (json!("7"), "seven"),
        (json!(null), "default"),
    ] {
        let played = play(&workflow, json!({"type": value}), &mut none);
        assert_eq!(played.output(), json!(expected), "{value}");
    }
}

#[test]
fn a_filter_keeps_items_and_holds_back_what_is_no_list() {
    let conditions = json!([{"value1": "{{ $item.n }}", "operator": "greaterThan", "value2": 1}]);
    let workflow = compile(
        json!([
            start(),
            node("f", "Filter", json!({"conditions": conditions})),
            node("t", "Terminal", json!({}))
        ]),
        edges(&["s>f", "f>t"]),
        json!({}),
    );
    let played = play(&workflow, json!([{"n": 1}, {"n": 2}, {"n": 3}]), &mut none);
    assert_eq!(played.output(), json!([{"n": 2}, {"n": 3}]));
    let held = play(&workflow, json!({"n": 0}), &mut none);
    assert_eq!(held.node("t").status, flero_model::execution::NodeStatus::Skipped);
    assert_eq!(play(&workflow, json!({"n": 2}), &mut none).output(), json!({"n": 2}));
    let long = play(&workflow, serde_json::Value::Array(vec![json!(0); 100_001]), &mut none);
    assert_eq!(long.code(), "node.too_many_items");
}

#[test]
fn a_node_that_is_switched_off_passes_its_input_on() {
    let mut off = node("a", "Set", json!({"fields": {"x": 1}}));
    off["disabled"] = json!(true);
    let workflow =
        compile(json!([start(), off, node("t", "Terminal", json!({}))]), edges(&["s>a", "a>t"]), json!({}));
    let played = play(&workflow, json!({"n": 1}), &mut none);
    assert_eq!(played.output(), json!({"n": 1}));
    assert_eq!(played.node("a").status, flero_model::execution::NodeStatus::Skipped);
}

#[test]
fn variables_are_seen_by_later_nodes() {
    let workflow = compile(
        json!([
            start(),
            node("a", "Set", json!({"variables": {"token": "{{ $input.n }}", "k": 1}})),
            node("b", "Set", json!({"variables": {"k": "{{ $workflow.variables.k + 1 }}"}})),
            node("t", "Terminal", json!({"output": "{{ $workflow.variables }}"}))
        ]),
        edges(&["s>a", "a>b", "b>t"]),
        json!({}),
    );
    assert_eq!(play(&workflow, json!({"n": 5}), &mut none).output(), json!({"token": 5, "k": 2}));
}

#[test]
fn the_last_node_answers_where_there_is_no_terminal_and_a_terminal_goes_before_it() {
    let last =
        compile(json!([start(), node("a", "Set", json!({"fields": {"x": 1}}))]), edges(&["s>a"]), json!({}));
    assert_eq!(play(&last, json!({}), &mut none).output(), json!({"x": 1}));
    let both = compile(
        json!([
            start(),
            node("t", "Terminal", json!({"output": "mine"})),
            node("a", "Set", json!({"fields": {"x": 1}})),
            node("b", "Set", json!({}))
        ]),
        edges(&["s>t", "s>a", "a>b"]),
        json!({}),
    );
    assert_eq!(play(&both, json!({}), &mut none).output(), json!("mine"));
}

#[test]
fn a_trigger_that_did_not_fire_leads_nowhere() {
    let workflow = compile(
        json!([
            start(),
            node("w", "WebhookTrigger", json!({"path": "x"})),
            node("a", "Set", json!({"fields": {"from": "webhook"}})),
            node("m", "Merge", json!({}))
        ]),
        edges(&["w>a", "a>m", "s>m"]),
        json!({}),
    );
    let played = play(&workflow, json!({"n": 1}), &mut none);
    assert_eq!(played.output(), json!([{"n": 1}]));
    assert_eq!(played.node("a").status, flero_model::execution::NodeStatus::Skipped);
}

#[test]
fn a_request_is_built_from_its_fields_and_holds_no_authentication() {
    let workflow = compile(
        json!([start(), {"id": "c", "name": "C", "type": "HTTPRequest", "credentialId": "cred_01h455vb4pex5vsknk084sn02q",
            "parameters": {"method": "post", "url": "https://svc.example/{{ $input.id }}?a=1#top", "query": {"q": "x y", "list": [1, 2], "none": null},
            "headers": {"X-Run": "{{ $workflow.executionId }}"}, "body": {"n": "{{ $input.id }}"}, "timeoutMs": "{{ 5 * 1000 }}", "followRedirects": false}}]),
        edges(&["s>c"]),
        json!({}),
    );
    let mut seen = None;
    play(&workflow, json!({"id": 7}), &mut |command| {
        let Command::CallHttp { call, credential, .. } = command else { panic!("not a call") };
        seen = Some(((**call).clone(), *credential));
        ok(200, json!({}))
    });
    let (call, credential) = seen.unwrap();
    assert_eq!(
        (call.method, &*call.url, call.timeout_ms),
        ("POST", "https://svc.example/7?a=1&q=x+y&list=1&list=2#top", 5_000)
    );
    assert_eq!(call.body, HttpBody::Bytes(r#"{"n":7}"#.into()));
    assert!(!call.follow_redirects && call.validate_ssl);
    assert_eq!(credential.unwrap().to_string(), "cred_01h455vb4pex5vsknk084sn02q");
    let names: Vec<&str> = call.headers.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["X-Run", "Content-Type", "Idempotency-Key"]);
}

/// Security test 24: no expression gives a credential, and none can name one.
#[test]
fn no_expression_reaches_a_credential_and_none_names_one() {
    let reach = [
        "$credential",
        "$credentials",
        "$node[\"C\"].credential",
        "$node[\"C\"].credentialId",
        "$workflow.credentials",
        "$input.credential",
        "$env.credential",
        "$trigger.credential",
        "$workflow.nodes",
        "$vault",
        "$secrets",
    ];
    for expression in reach {
        let document = json!({"name": "x", "nodes": [start(), {"id": "c", "name": "C", "type": "HTTPRequest", "credentialId": "cred_01h455vb4pex5vsknk084sn02q", "parameters": {"url": "https://svc.example/"}},
            node("t", "Terminal", json!({"output": format!("{{{{ {expression} }}}}")}))], "edges": edges(&["s>c", "c>t"])});
        let document = WorkflowDocument::parse(&document).unwrap();
        let workflow = match CompiledWorkflow::compile(WorkflowId::from_u128(7), 1, &document) {
            Ok(workflow) => Arc::new(workflow),
            // A root that does not exist is refused at save already.
            Err(problems) => {
                assert_eq!(problems[0].code, "node.expression", "{expression}");
                continue;
            }
        };
        let played = play(&workflow, json!({}), &mut |_| ok(200, json!({})));
        let output = played.output().to_string();
        assert!(output.contains("EXPR-ERROR"), "{expression}: {output}");
        assert!(!output.contains("cred_"), "{expression}: {output}");
    }
    for reference in
        [json!("{{ $env.CRED }}"), json!("My key"), json!("cred_01h455vb4pex5vsknk084sn02q"), json!(["x"])]
    {
        let document = json!({"name": "x", "nodes": [start(), node("c", "HTTPRequest", json!({"url": "https://svc.example/", "credentialId": reference}))]});
        let document = WorkflowDocument::parse(&document).unwrap();
        let codes: Vec<&str> = crate::params::check(&document).iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["node.credential_reference"], "{reference}");
    }
}

#[test]
fn a_run_that_has_begun_the_most_nodes_begins_no_other() {
    let nodes = json!([start(), node("a", "Set", json!({})), node("b", "Set", json!({}))]);
    let workflow = compile(nodes, edges(&["s>a", "a>b"]), json!({}));
    for (left, code) in [(3, None), (2, Some("workflow.too_many_steps"))] {
        let (mut run, _) = accept(&workflow, json!({}), 16);
        run.node_runs = MAX_NODE_RUNS - left;
        let now = run.accepted;
        let (run, _) = advance(run, Event::Go, now);
        assert!(run.status().is_final());
        assert_eq!(run.error().map(|error| error.code.as_str()), code, "{left} left");
    }
}
