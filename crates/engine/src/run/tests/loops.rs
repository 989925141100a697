//! Loops in all modes, nested, parallel, failing.

use super::*;

fn looping(parameters: Value, body: Value) -> Arc<CompiledWorkflow> {
    compile(
        json!([start(), node("l", "Loop", parameters), body, node("t", "Terminal", json!({}))]),
        edges(&["s>l", "l.loop>b", "l.done>t"]),
        json!({}),
    )
}

fn double() -> Value {
    node("b", "Set", json!({"keepInput": false, "fields": {"v": "{{ $item }}", "i": "{{ $index }}"}}))
}

#[test]
fn each_mode_repeats_over_its_items() {
    for (parameters, input, expected) in [
        (
            json!({"items": "{{ $input.list }}"}),
            json!({"list": ["a", "b"]}),
            json!([{"v": "a", "i": 0}, {"v": "b", "i": 1}]),
        ),
        (json!({}), json!(["x"]), json!([{"v": "x", "i": 0}])),
        (json!({"mode": "object"}), json!({"k": 1}), json!([{"v": {"key": "k", "value": 1}, "i": 0}])),
        (
            json!({"mode": "range", "from": 2, "to": 4}),
            json!({}),
            json!([{"v": 2, "i": 0}, {"v": 3, "i": 1}, {"v": 4, "i": 2}]),
        ),
        (json!({"mode": "range", "from": 1, "to": "{{ $input.n }}"}), json!({"n": 0}), json!([])),
        (
            json!({"mode": "batch", "batchSize": 2}),
            json!([1, 2, 3]),
            json!([{"v": [1, 2], "i": 0}, {"v": [3], "i": 1}]),
        ),
        (
            json!({"mode": "parallel", "concurrency": 2}),
            json!([1, 2, 3]),
            json!([{"v": 1, "i": 0}, {"v": 2, "i": 1}, {"v": 3, "i": 2}]),
        ),
        (json!({}), json!([]), json!([])),
    ] {
        let played = play(&looping(parameters.clone(), double()), input, &mut none);
        assert_eq!(played.output(), expected, "{parameters}");
    }
}

#[test]
fn only_the_parallel_mode_has_several_iterations_in_flight() {
    for (mode, expected) in [("array", 1), ("parallel", 3)] {
        let workflow = looping(json!({"mode": mode, "concurrency": 3}), call("b"));
        let (run, _) = accept(&workflow, json!([1, 2, 3, 4, 5]), 16);
        let now = run.accepted;
        let (run, step) = advance(run, Event::Go, now);
        assert_eq!(step.commands.len(), expected, "{mode}");
        let (_, step) = advance(run, Event::Effect(step.commands[0].ticket(), ok(200, json!(1))), now);
        assert_eq!(step.commands.len(), 1, "{mode}");
    }
}

//  s ─► o ─loop─► i ─loop─► b
#[test]
fn loops_can_be_nested_and_see_outer_nodes_and_items() {
    let workflow = compile(
        json!([
            start(),
            node("o", "Loop", json!({})),
            node("i", "Loop", json!({"items": "{{ $item.list }}"})),
            node(
                "b",
                "Set",
                json!({"keepInput": false, "fields": {"r": "{{ $node[\"O\"].json.name + $item + $trigger.length }}"}})
            ),
            node("t", "Terminal", json!({}))
        ]),
        edges(&["s>o", "o.loop>i", "i.loop>b", "o.done>t"]),
        json!({}),
    );
    let played =
        play(&workflow, json!([{"name": "a", "list": [1, 2]}, {"name": "b", "list": [3]}]), &mut none);
    assert_eq!(played.output(), json!([[{"r": "a12"}, {"r": "a22"}], [{"r": "b32"}]]));
    let paths: Vec<Vec<u32>> =
        played.report().into_iter().filter(|node| node.node_id == "b").map(|node| node.iteration).collect();
    assert_eq!(paths, [vec![0, 0], vec![0, 1], vec![1, 0]]);
}

#[test]
fn a_branch_in_the_body_is_decided_anew_in_each_iteration() {
    let workflow = compile(
        json!([
            start(),
            node("l", "Loop", json!({})),
            node(
                "i",
                "If",
                json!({"conditions": [{"value1": "{{ $item }}", "operator": "greaterThan", "value2": 1}]})
            ),
            node("a", "Set", json!({"keepInput": false, "fields": {"big": "{{ $item }}"}})),
            node("b", "Set", json!({"keepInput": false, "fields": {"small": "{{ $item }}"}})),
            node("m", "Merge", json!({"mode": "combine"})),
            node("t", "Terminal", json!({}))
        ]),
        edges(&["s>l", "l.loop>i", "i.true>a", "i.false>b", "a>m", "b>m", "l.done>t"]),
        json!({}),
    );
    assert_eq!(play(&workflow, json!([1, 2]), &mut none).output(), json!([{"small": 1}, {"big": 2}]));
}

#[test]
fn what_cannot_be_repeated_over_fails_the_loop() {
    for (parameters, input, code) in [
        (json!({}), json!({"no": "list"}), "node.items"),
        (json!({"mode": "object"}), json!([1]), "node.items"),
        (json!({"mode": "range", "from": 0, "to": 1_000_000}), json!({}), "node.too_many_iterations"),
        (json!({"mode": "range", "from": i64::MIN, "to": i64::MAX}), json!({}), "node.too_many_iterations"),
    ] {
        let played = play(&looping(parameters, double()), input, &mut none);
        assert_eq!((played.status(), played.code()), (ExecutionStatus::Failed, code));
    }
}

#[test]
fn a_failed_iteration_stops_the_run_or_gives_null() {
    let graph = |policy: &str| {
        compile(
            json!([start(), node("l", "Loop", json!({})), call("b"), node("t", "Terminal", json!({}))]),
            edges(&["s>l", "l.loop>b", "l.done>t"]),
            json!({"errorPolicy": policy}),
        )
    };
    let mut count = 0;
    let mut answer = |_: &Command| {
        count += 1;
        if count % 3 == 1 { ok(500, json!("")) } else { ok(200, json!(count)) }
    };
    let stopped = play(&graph("stop"), json!([1, 2, 3]), &mut answer);
    assert_eq!((stopped.status(), stopped.commands.len()), (ExecutionStatus::Failed, 1));
    count = 0;
    let mut answer = |_: &Command| {
        count += 1;
        if count % 3 == 1 { ok(500, json!("")) } else { ok(200, json!(count)) }
    };
    let went_on = play(&graph("continue"), json!([1, 2, 3]), &mut answer);
    assert_eq!((went_on.status(), went_on.commands.len()), (ExecutionStatus::Failed, 3));
    let results = went_on.node("l").output;
    assert_eq!((results[0].clone(), results[1]["body"].clone()), (Value::Null, json!(2)));
}

#[test]
fn a_loop_without_a_body_gives_its_items() {
    let workflow = compile(
        json!([start(), node("l", "Loop", json!({})), node("t", "Terminal", json!({}))]),
        edges(&["s>l", "l.done>t"]),
        json!({}),
    );
    assert_eq!(play(&workflow, json!([1, 2]), &mut none).output(), json!([1, 2]));
}

#[test]
fn ten_thousand_iterations_are_no_trouble() {
    let played =
        play(&looping(json!({"mode": "range", "from": 1, "to": 10_000}), double()), json!({}), &mut none);
    assert_eq!(played.output().as_array().unwrap().len(), 10_000);
}

#[test]
fn many_iterations_are_taken_in_slices_and_come_to_the_same() {
    let workflow = looping(json!({"items": "{{ $input }}"}), double());
    let list: Vec<u32> = (0..700).collect();
    let played = play(&workflow, json!(list), &mut none);
    assert!(played.slices >= 4, "{}", played.slices);
    assert_eq!(played.output().as_array().unwrap().len(), 700);
    // The journal of all slices restores to the same run, and so does that of some of them.
    let again = Run::restore(Arc::clone(&workflow), played.run.id, &played.records, 16);
    assert_eq!(again.report(&row(&again)), played.run.report(&row(&played.run)));
    let half = Run::restore(Arc::clone(&workflow), played.run.id, &played.records[..900], 16);
    assert!(half.has_more() && half.ready.len() <= 2, "{:?}", half.ready);
}

#[test]
fn a_node_that_costs_too_much_for_a_brief_slice_is_evaluated_again_in_a_long_one() {
    let pairs = "{{ $trigger.map(x => $trigger.filter(y => y > x).length).length }}";
    let list: Vec<u32> = (0..300).collect();
    for parameters in [json!({"fields": {"v": pairs}}), json!({"variables": {"v": pairs}})] {
        let workflow = compile(
            json!([
                start(),
                node("b", "Set", parameters),
                node("t", "Terminal", json!({"output": "{{ $workflow.variables.v ?? $input.v }}"}))
            ]),
            edges(&["s>b", "b>t"]),
            json!({}),
        );
        let (run, _) = accept(&workflow, json!(list), 16);
        let now = run.accepted;
        let (mut run, step) = advance(run, Event::Go, now);
        assert!(run.has_more() && step.records.len() == 2, "{:?}", step.records);
        assert_eq!(run.pace(), Pace::Long);
        run.take(Event::Tick, now, Pace::Long);
        assert_eq!((run.status(), &*run.output()), (ExecutionStatus::Success, &json!(300)));
    }
}

#[test]
fn the_expressions_of_one_node_have_a_limit_together() {
    let pairs = "{{ $trigger.list.map(x => $trigger.list.filter(y => y > x).length).length }}";
    let parameters = json!({"items": "{{ $trigger.list }}", "conditions": [{"value1": pairs, "operator": "equal", "value2": 1}]});
    let workflow = compile(json!([start(), node("f", "Filter", parameters)]), edges(&["s>f"]), json!({}));
    let list: Vec<u32> = (0..400).collect();
    let played = play(&workflow, json!({"list": list}), &mut none);
    assert_eq!((played.status(), played.code()), (ExecutionStatus::Failed, "expression.limit"));
}
