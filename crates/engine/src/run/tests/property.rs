//! Random graphs: no run gets stuck, every node is decided, and a restart changes nothing.

use flero_model::execution::NodeStatus;
use proptest::prelude::*;

use super::*;

/// A node of a random graph: its kind, and from which former nodes edges lead to it by which of their ports.
#[derive(Debug, Clone)]
struct Shape {
    kind: u8,
    from: Vec<(prop::sample::Index, u8)>,
    disabled: bool,
}

fn shape() -> impl Strategy<Value = Shape> {
    (0..9_u8, prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8), 1..4), prop::bool::weighted(0.1))
        .prop_map(|(kind, from, disabled)| Shape { kind, from, disabled })
}

fn ports(kind: u8) -> &'static [&'static str] {
    match kind {
        1 => &["true", "false", "error"],
        2 => &["a", "default", "error"],
        3 => &["loop", "done", "error"],
        _ => &["output", "error", "output"],
    }
}

fn graph(shapes: &[Shape], policy: u8) -> Option<Arc<CompiledWorkflow>> {
    let mut nodes = vec![start()];
    let mut list = Vec::new();
    for (place, shape) in shapes.iter().enumerate() {
        let id = format!("n{place}");
        let (kind, parameters) = match shape.kind {
            1 => (
                "If",
                json!({"conditions": [{"value1": "{{ $input }}", "operator": "contains", "value2": "1"}]}),
            ),
            2 => ("Switch", json!({"value": "{{ $trigger[0] }}", "cases": [{"match": "1", "port": "a"}]})),
            3 => (
                "Loop",
                json!({"items": "{{ [1, 2] }}", "mode": if shape.disabled { "array" } else { "parallel" }}),
            ),
            4 => ("Merge", json!({"mode": if place % 2 == 0 { "append" } else { "first" }})),
            5 | 6 => {
                ("HTTPRequest", json!({"url": "https://svc.example/", "retries": 1, "retryDelayMs": 10}))
            }
            7 => ("Wait", json!({"durationMs": 50})),
            _ => ("Set", json!({"keepInput": false, "fields": {"v": place}})),
        };
        let mut made = node(&id, kind, parameters);
        made["disabled"] = json!(shape.disabled);
        nodes.push(made);
        for (from, port) in &shape.from {
            let from = from.index(place + 1);
            let (source, source_kind) = if from == 0 {
                ("s".to_owned(), 0)
            } else {
                (format!("n{}", from - 1), shapes[from - 1].kind)
            };
            let port = if from == 0 { "output" } else { ports(source_kind)[*port as usize] };
            list.push(format!("{source}.{port}>{id}"));
        }
    }
    let list: Vec<&str> = list.iter().map(String::as_str).collect();
    let policy = if policy == 0 { "stop" } else { "continue" };
    let document =
        json!({"name": "Random", "nodes": nodes, "edges": edges(&list), "settings": {"errorPolicy": policy}});
    let document = WorkflowDocument::parse(&document).unwrap();
    // A graph whose edges lead into a loop's body from outside is refused at save; it is not what is tested here.
    CompiledWorkflow::compile(WorkflowId::from_u128(7), 1, &document).ok().map(Arc::new)
}

/// Whether a call works depends on its place alone, so that it does the same after a restart.
fn answer(command: &Command) -> EffectResult {
    let at = command.ticket().at;
    match (at.0 * 31 + at.1 * 7) % 4 {
        0 => ok(500, json!("no")),
        1 => EffectResult::Failed(Failure::new("http.connect", "No connection.").retryable()),
        _ => ok(200, json!([at.1])),
    }
}

fn cases() -> u32 {
    if std::env::var("FLERO_SOAK").is_ok() { 200_000 } else { 1_500 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_global_rejects: 1_000_000, ..ProptestConfig::default() })]

    #[test]
    fn every_node_of_a_random_graph_is_decided_and_a_restart_changes_nothing(
        shapes in prop::collection::vec(shape(), 1..10),
        policy in 0..2_u8,
        cut in any::<prop::sample::Index>(),
    ) {
        let Some(workflow) = graph(&shapes, policy) else { return Ok(()) };
        let whole = play(&workflow, json!(["1"]), &mut { answer });
        prop_assert!(whole.status().is_final());
        let stopped = policy == 0 && whole.status() == ExecutionStatus::Failed;
        if !stopped {
            for frame in &whole.run.frames {
                prop_assert_eq!(frame.left, 0, "a node was left undecided");
            }
            let undecided = whole.report().iter().filter(|node| matches!(node.status, NodeStatus::Running | NodeStatus::Waiting | NodeStatus::Cancelled)).count();
            prop_assert_eq!(undecided, 0);
        }
        // In the smallest slices it comes to the same end.
        let crumbs = play_at(Pace::Crumb, &workflow, json!(["1"]), &mut { answer });
        prop_assert!(crumbs.status().is_final());
        if !stopped {
            prop_assert_eq!(crumbs.status(), whole.status());
            prop_assert_eq!(crumbs.output(), whole.output());
        }
        // Restored and played on, it comes to the same end.
        let cut = 1 + cut.index(whole.records.len() - 1).min(whole.records.len() - 2);
        let records = crate::journal::decode(whole.run.id, &[crate::journal::encode(&whole.records[..cut])]).unwrap();
        let run = Run::restore(Arc::clone(&workflow), whole.run.id, &records, 16);
        let now = Timestamp::from_millis(1_000_500);
        let mut again = Played { run, records, commands: Vec::new(), pace: Pace::Brief, slices: 0 };
        let step = if again.run.is_pending() { again.run.take(Event::Go, now, Pace::Brief) } else { again.run.take(Event::Resumed, now, Pace::Brief) };
        again.go_on(step, now, &mut { answer });
        prop_assert!(again.status().is_final());
        if !stopped {
            prop_assert_eq!(again.status(), whole.status());
        }
    }
}
