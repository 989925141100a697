//! Sub-workflows, error workflows, Code nodes.

use std::time::Duration;

use flero_model::execution::{ExecutionStatus, TriggerKind};
use flero_model::{UserId, WorkflowId};
use serde_json::json;

use super::harness::{World, ada, edges, finished, node};

fn child_node(id: WorkflowId, wait: bool) -> serde_json::Value {
    node(
        "c",
        "SubWorkflow",
        json!({"workflowId": id.to_string(), "input": {"n": "{{ $trigger.n }}"}, "wait": wait}),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sub_workflow_is_a_run_of_its_own_and_gives_its_output() {
    let world = World::new().await;
    let child = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), node("w", "Wait", json!({"durationMs": 30})), node("t", "Terminal", json!({"output": "{{ $trigger.n + 1 }}"}))], "edges": edges(&["s>w", "w>t"])}))
        .await;
    for (wait, check) in [(true, json!(42)), (false, json!(null))] {
        let parent = world.workflow(json!({"nodes": [node("s", "Start", json!({})), child_node(child.id, wait)], "edges": edges(&["s>c"])})).await;
        let end = world.run(&parent, json!({"n": 41})).await;
        assert_eq!(end.status, ExecutionStatus::Success);
        if wait {
            assert_eq!(*end.output, check);
        } else {
            assert!(end.output["executionId"].as_str().unwrap().starts_with("exec_"));
        }
    }
    let children: Vec<_> =
        world.executions().await.into_iter().filter(|run| run.workflow == child.id).collect();
    assert_eq!(children.len(), 2);
    assert!(
        children
            .iter()
            .all(|run| matches!(run.trigger, TriggerKind::SubWorkflow { .. }) && run.acting_for == ada())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_cannot_call_themselves_however_far_around() {
    let world = World::new().await;
    let ids: Vec<WorkflowId> = (0..3).map(|number| WorkflowId::from_u128(5_000 + number)).collect();
    let mut first = None;
    for (place, id) in ids.iter().enumerate() {
        let next = ids[(place + 1) % 3];
        let made = world.workflow_as(*id, json!({"nodes": [node("s", "Start", json!({})), child_node(next, true)], "edges": edges(&["s>c"])})).await;
        first.get_or_insert(made);
    }
    let end = world.run(&first.unwrap(), json!({"n": 1})).await;
    let error = end.error.unwrap();
    assert_eq!((end.status, error.code.as_str()), (ExecutionStatus::Failed, "subworkflow.failed"));
    assert!(error.message.contains("run itself again"), "{}", error.message);
    assert_eq!(world.executions().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_child_fails_its_node_and_a_missing_one_too() {
    let world = World::new().await;
    let child = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), node("l", "Loop", json!({}))], "edges": edges(&["s>l"])}))
        .await;
    for (id, code) in
        [(child.id, "subworkflow.failed"), (WorkflowId::from_u128(999_999), "subworkflow.not_found")]
    {
        let parent = world.workflow(json!({"nodes": [node("s", "Start", json!({})), child_node(id, true)], "edges": edges(&["s>c"])})).await;
        let end = world.run(&parent, json!({"n": 1})).await;
        assert_eq!((end.status, end.error.unwrap().code.as_str()), (ExecutionStatus::Failed, code));
    }
}

/// Security test 27: an error workflow acts as its own activation says, whomever the failed run acted for.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_sets_off_its_error_workflow_once_and_that_one_none() {
    let world = World::new().await;
    let handler_id = WorkflowId::from_u128(6_000);
    let settings = json!({"errorPolicy": "workflow", "errorWorkflowId": handler_id.to_string()});
    // The error workflow fails as well, and names itself: it must not go round.
    let handler = world
        .workflow_as(handler_id, json!({"nodes": [node("e", "ErrorTrigger", json!({})), node("a", "Set", json!({"fields": {"told": "{{ $error.code }} in {{ $trigger.error.node }} of {{ $trigger.workflow.name }}"}})), node("l", "Loop", json!({}))],
            "edges": edges(&["e>a", "a>l"]), "settings": settings}))
        .await;
    world.activate(&handler).await;
    for wait in [0, 30] {
        let workflow = world
            .workflow(json!({"nodes": [node("s", "Start", json!({})), node("w", "Wait", json!({"durationMs": wait})), node("l", "Loop", json!({}))], "edges": edges(&["s>w", "w>l"]), "settings": settings}))
            .await;
        let mut start = world.start(&workflow, json!({"n": 1}));
        start.acting_for = UserId::from_u128(77);
        let end = finished(world.engine.start_and_wait(start, Duration::from_secs(10)).await.unwrap());
        assert_eq!(end.status, ExecutionStatus::Failed);
        let all = world
            .until("the error workflow ran", |all| {
                all.iter()
                    .any(|run| run.trigger == TriggerKind::Error { failed: end.id } && run.status.is_final())
            })
            .await;
        let handled: Vec<_> = all
            .iter()
            .filter(|run| matches!(run.trigger, TriggerKind::Error { failed } if failed == end.id))
            .collect();
        assert_eq!((handled.len(), handled[0].acting_for), (1, ada()));
        let report = world.report(handled[0].id).await;
        assert_eq!(
            report.nodes[1].output["told"],
            json!(format!("node.items in L of Workflow {}", workflow.id))
        );
    }
    assert_eq!(world.executions().await.len(), 4);
}

/// Security test 46: what runs in a Code node reaches nothing of the server.
#[tokio::test(flavor = "multi_thread")]
async fn code_runs_in_the_sandbox_and_its_failure_is_the_nodes() {
    let world = World::new().await;
    let code = |source: &str| json!({"nodes": [node("s", "Start", json!({})), node("c", "Code", json!({"source": source, "timeoutMs": 2_000}))], "edges": edges(&["s>c"])});
    let sum =
        world.workflow(code("console.log('hello'); return input.list.reduce((sum, n) => sum + n, 0)")).await;
    let end = world.run(&sum, json!({"list": [1, 2, 39]})).await;
    if end.error.as_ref().is_some_and(|error| error.code == "code.unavailable") {
        // The sandbox's program is built by its own crate; without it the node says so and nothing else happens.
        return;
    }
    assert_eq!((end.status, &*end.output), (ExecutionStatus::Success, &json!(42)));
    assert_eq!(world.report(end.id).await.nodes[1].logs, ["hello"]);
    for (source, code_wanted) in [
        ("throw new TypeError('no')", "code.error"),
        ("while (true) {}", "code.timeout"),
        ("return process.env", "code.error"),
        ("return require('fs')", "code.error"),
    ] {
        let workflow = world.workflow(code(source)).await;
        let end = world.run(&workflow, json!({})).await;
        assert_eq!(
            (end.status, end.error.unwrap().code.as_str()),
            (ExecutionStatus::Failed, code_wanted),
            "{source}"
        );
    }
}
