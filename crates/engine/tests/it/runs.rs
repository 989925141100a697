//! Runs from their acceptance to their report.

use std::time::Duration;

use flero_engine::{LiveEvent, Outcome, ReplayVersion};
use flero_model::{
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    execution::{ExecutionStatus, NodeStatus, TriggerKind},
};
use flero_store::ExecutionStore;
use serde_json::json;

use super::{
    harness::{World, ada, edges, node, workspace},
    service::{Answer, Service},
};

fn by_ada(action: AuditAction, world: &World) -> NewAudit {
    NewAudit {
        workspace: workspace(),
        at: flero_model::Clock::now(&*world.clock),
        actor: Actor::User { user: ada() },
        action,
        target: "run".into(),
        detail: AuditDetail::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_effects_is_one_transaction_and_told_in_full() {
    let world = World::new().await;
    let workflow = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), node("a", "Set", json!({"fields": {"x": "{{ $input.n * 2 }}"}})), node("t", "Terminal", json!({"output": "{{ $input.x }}"}))],
            "edges": edges(&["s>a", "a>t"])}))
        .await;
    let end = world.run(&workflow, json!({"n": 21})).await;
    assert_eq!((end.status, &*end.output), (ExecutionStatus::Success, &json!(42)));
    assert_eq!(world.store.execution_journal(end.id).await.unwrap().len(), 1);
    let report = world.report(end.id).await;
    assert_eq!(
        (report.status, report.output, report.input),
        (ExecutionStatus::Success, json!(42), json!({"n": 21}))
    );
    let told: Vec<_> = report
        .nodes
        .iter()
        .map(|node| (node.name.as_str(), node.status, node.input.clone(), node.output.clone()))
        .collect();
    assert_eq!(told[1], ("A", NodeStatus::Success, json!({"n": 21}), json!({"n": 21, "x": 42})));
    assert_eq!(told.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_one_call_is_two_transactions() {
    let service = Service::start(|seen| Answer::json(&json!({"path": seen.path}))).await;
    let world = World::new().await;
    let workflow = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), node("c", "HTTPRequest", json!({"url": format!("{}/orders/{{{{ $trigger.id }}}}", service.url)})), node("t", "Terminal", json!({"output": "{{ $input.body }}"}))],
            "edges": edges(&["s>c", "c>t"])}))
        .await;
    let end = world.run(&workflow, json!({"id": 7})).await;
    assert_eq!((end.status, &*end.output), (ExecutionStatus::Success, &json!({"path": "/orders/7"})));
    assert_eq!(world.store.execution_journal(end.id).await.unwrap().len(), 2);
    let report = world.report(end.id).await;
    let call = &report.nodes[1];
    assert_eq!(
        (call.output["statusCode"].clone(), call.output["headers"]["content-type"].clone()),
        (json!(200), json!("application/json"))
    );
    assert!(call.output["responseTime"].is_u64() && call.output["size"] == json!(20));
    // Without a credential nothing is audited.
    assert_eq!(world.audit().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_not_kept_leaves_nothing_and_a_failed_one_stays() {
    let world = World::new().await;
    let settings = json!({"saveSuccessfulRuns": false, "failOnExpressionError": true});
    let document = |value: &str| {
        json!({"nodes": [node("s", "Start", json!({})), node("w", "Wait", json!({"durationMs": 20})), node("a", "Set", json!({"fields": {"x": value}}))],
            "edges": edges(&["s>w", "w>a"]), "settings": settings})
    };
    let good = world.workflow(document("1")).await;
    assert_eq!(world.run(&good, json!({})).await.status, ExecutionStatus::Success);
    assert_eq!(world.executions().await.len(), 0);
    let bad = world.workflow(document("{{ $input.no.such }}")).await;
    assert_eq!(world.run(&bad, json!({})).await.status, ExecutionStatus::Failed);
    assert_eq!(world.executions().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_ends_first_lets_the_run_go_on() {
    let service = Service::start(|_| Answer::json(&json!(1)).after(300)).await;
    let world = World::new().await;
    let workflow = world.workflow(json!({"nodes": [node("s", "Start", json!({})), node("c", "HTTPRequest", json!({"url": service.url}))], "edges": edges(&["s>c"])})).await;
    let outcome = world
        .engine
        .start_and_wait(world.start(&workflow, json!({})), Duration::from_millis(50))
        .await
        .unwrap();
    let Outcome::StillRunning(id) = outcome else { panic!("it cannot have ended") };
    let mut events = world.engine.subscribe(id).unwrap();
    let Outcome::Finished(end) = world.engine.wait(id, Duration::from_secs(10)).await.unwrap() else {
        panic!("it does not end")
    };
    assert_eq!(end.output["body"], json!(1));
    let mut told = Vec::new();
    while let Ok(event) = events.recv().await {
        told.push(event);
    }
    assert!(matches!(&told[0], LiveEvent::NodeFinished { node_id, .. } if node_id == "c"));
    assert!(matches!(told.last(), Some(LiveEvent::Finished { status: ExecutionStatus::Success, .. })));
    // Once it has ended, the end comes from the store.
    let Outcome::Finished(again) = world.engine.wait(id, Duration::ZERO).await.unwrap() else {
        panic!("it has ended")
    };
    assert_eq!(again.output, end.output);
    assert!(world.engine.subscribe(id).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lets_the_running_node_finish() {
    let service = Service::start(|_| Answer::json(&json!(1)).after(200)).await;
    let world = World::new().await;
    let workflow = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), node("c", "HTTPRequest", json!({"url": service.url})), node("d", "HTTPRequest", json!({"url": service.url}))], "edges": edges(&["s>c", "c>d"])}))
        .await;
    let started = world.engine.start(world.start(&workflow, json!({}))).await.unwrap();
    assert!(
        world
            .engine
            .cancel(workspace(), started.id, by_ada(AuditAction::ExecutionCancelled, &world))
            .await
            .unwrap()
    );
    let Outcome::Finished(end) = world.engine.wait(started.id, Duration::from_secs(10)).await.unwrap() else {
        panic!("it does not end")
    };
    assert_eq!(end.status, ExecutionStatus::Cancelled);
    let report = world.report(started.id).await;
    assert_eq!((report.nodes[1].status, report.nodes[2].status), (NodeStatus::Success, NodeStatus::Skipped));
    assert_eq!(service.seen().len(), 1);
    assert!(
        !world
            .engine
            .cancel(workspace(), started.id, by_ada(AuditAction::ExecutionCancelled, &world))
            .await
            .unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_leaves_memory_and_comes_back() {
    let world = World::new().await;
    world.engine.spawn_background();
    let workflow = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), node("w", "Wait", json!({"durationMs": 3_600_000})), node("t", "Terminal", json!({"output": "{{ $trigger.n }}"}))], "edges": edges(&["s>w", "w>t"])}))
        .await;
    let first = world.engine.start(world.start(&workflow, json!({"n": 1}))).await.unwrap();
    let second = world.engine.start(world.start(&workflow, json!({"n": 2}))).await.unwrap();
    world
        .until("both wait", |all| all.iter().all(|run| run.status == ExecutionStatus::WaitingForInput))
        .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(format!("{:?}", world.engine).split(", ").nth(1), Some("0 runs)"));
    // One is stopped while it is not in memory; for the other its time comes, though the clock only jumped.
    world
        .engine
        .cancel(workspace(), second.id, by_ada(AuditAction::ExecutionCancelled, &world))
        .await
        .unwrap();
    world.clock.jump(3_600_000);
    let Outcome::Finished(end) = world.engine.wait(first.id, Duration::from_secs(10)).await.unwrap() else {
        panic!("it does not end")
    };
    assert_eq!((end.status, &*end.output), (ExecutionStatus::Success, &json!(1)));
    let Outcome::Finished(end) = world.engine.wait(second.id, Duration::from_secs(10)).await.unwrap() else {
        panic!("it does not end")
    };
    assert_eq!(end.status, ExecutionStatus::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_too_long_ends_and_is_told_so() {
    let service = Service::start(|_| Answer::json(&json!(1)).after(5_000)).await;
    let world = World::new().await;
    let workflow = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), node("c", "HTTPRequest", json!({"url": service.url}))], "edges": edges(&["s>c"]), "settings": {"timeoutMs": 100}}))
        .await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(
        (end.status, end.error.unwrap().code.as_str()),
        (ExecutionStatus::Timeout, "workflow.timeout")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_runs_the_same_input_as_the_person_who_asks() {
    let world = World::new().await;
    let workflow = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), node("a", "Set", json!({"fields": {"again": true}}))], "edges": edges(&["s>a"])}))
        .await;
    let first = world.run(&workflow, json!({"n": 1})).await;
    let former = world.row(first.id).await;
    let again = world
        .engine
        .replay(&former, ReplayVersion::Same, ada(), by_ada(AuditAction::ExecutionReplayed, &world))
        .await
        .unwrap();
    let report = world.report(again.id).await;
    assert_eq!(
        (report.trigger, report.output),
        (TriggerKind::Replay { of: first.id }, json!({"n": 1, "again": true}))
    );
    assert_eq!(world.audit().await.last().unwrap().action, AuditAction::ExecutionReplayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_payloads_and_files_are_kept_beside_the_database() {
    let big = "x".repeat(700_000);
    let body = big.clone();
    let service = Service::start(move |seen| match &*seen.path {
        "/text" => Answer { status: 200, headers: "content-type: text/plain\r\n".into(), body: body.clone().into(), delay_ms: 0 },
        "/file" => Answer { status: 200, headers: "content-type: application/pdf\r\ncontent-disposition: attachment; filename=\"a.pdf\"\r\n".into(), body: vec![0, 1, 2, 255], delay_ms: 0 },
        _ => Answer::json(&json!({"length": seen.body.len(), "type": seen.header("content-type"), "multipart": seen.body.contains("filename=\"a.pdf\"")})),
    })
    .await;
    let world = World::new().await;
    let call =
        |id: &str, path: &str| node(id, "HTTPRequest", json!({"url": format!("{}{path}", service.url)}));
    let workflow = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), call("a", "/text"), call("b", "/file"),
            node("c", "HTTPRequest", json!({"url": format!("{}/up", service.url), "method": "POST", "bodyType": "raw", "body": "{{ $node[\"B\"].json.body }}"})),
            node("d", "HTTPRequest", json!({"url": format!("{}/up", service.url), "method": "POST", "bodyType": "multipart", "body": {"doc": "{{ $node[\"B\"].json.body }}", "n": 1}})),
            node("t", "Terminal", json!({"output": {"raw": "{{ $node[\"C\"].json.body }}", "form": "{{ $node[\"D\"].json.body.multipart }}", "text": "{{ $node[\"A\"].json.body.length }}"}}))],
            "edges": edges(&["s>a", "a>b", "b>c", "c>d", "d>t"])}))
        .await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(
        *end.output,
        json!({"raw": {"length": 4 + 2, "type": "application/pdf", "multipart": false}, "form": true, "text": 700_000})
    );
    let journal = world.store.execution_journal(end.id).await.unwrap();
    assert!(journal.iter().map(Vec::len).sum::<usize>() < 10_000, "the payload stands in the journal");
    let nodes = world.report(end.id).await.nodes;
    assert_eq!(nodes[1].output["body"], json!(big));

    // A reference that somebody wrote by hand leads to files of the own workspace alone, and never to a payload.
    let send = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), node("c", "HTTPRequest", json!({"url": format!("{}/up", service.url), "method": "POST", "bodyType": "raw", "body": {"$file": "{{ $trigger.file }}"}}))], "edges": edges(&["s>c"])}))
        .await;
    let file = nodes[2].output["body"]["$file"].as_str().unwrap();
    let journal = String::from_utf8(journal.concat()).unwrap();
    let is_name = |run: &&str| run.len() == 64 && *run != file;
    let payload = journal.split(|c: char| !c.is_ascii_hexdigit()).find(is_name).unwrap();
    assert_eq!(world.run(&send, json!({"file": file})).await.status, ExecutionStatus::Success);
    let mut foreign = world.start(&world.copy_elsewhere(&send).await, json!({"file": file}));
    foreign.workspace = flero_model::WorkspaceId::from_u128(77);
    let mut ends = vec![world.engine.start_and_wait(foreign, Duration::from_secs(20)).await.unwrap()];
    for name in [payload, &"0".repeat(64)] {
        let start = world.start(&send, json!({"file": name}));
        ends.push(world.engine.start_and_wait(start, Duration::from_secs(20)).await.unwrap());
    }
    let errors: Vec<_> = ends.into_iter().map(|end| super::harness::finished(end).error.unwrap()).collect();
    assert_eq!(errors[0].code, "file.not_found");
    assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_waits_for_what_runs_and_accepts_nothing_more() {
    let service = Service::start(|_| Answer::json(&json!(1)).after(150)).await;
    let world = World::new().await;
    let workflow = world.workflow(json!({"nodes": [node("s", "Start", json!({})), node("c", "HTTPRequest", json!({"url": service.url}))], "edges": edges(&["s>c"])})).await;
    let started = world.engine.start(world.start(&workflow, json!({}))).await.unwrap();
    assert_eq!(world.engine.shutdown(Duration::from_secs(10)).await, 0);
    assert_eq!(world.row(started.id).await.status, ExecutionStatus::Success);
    assert!(matches!(
        world.engine.start(world.start(&workflow, json!({}))).await,
        Err(flero_engine::Error::ShuttingDown)
    ));
}

/// A loop of nodes without effects, and an expression that compares each item with each.
fn heavy() -> serde_json::Value {
    json!({"nodes": [
        node("s", "Start", json!({})),
        node("l", "Loop", json!({"items": "{{ $trigger.list }}"})),
        node("a", "Set", json!({"fields": {"x": "{{ $item + 1 }}"}})),
        node("b", "Set", json!({"fields": {"y": "{{ $input.x * 2 }}"}})),
        node("c", "Set", json!({"fields": {"above": "{{ $trigger.list.slice(0, 600).map(x => $trigger.list.slice(0, 600).filter(y => y > x).length).length }}"}})),
        node("t", "Terminal", json!({"output": "{{ $input.above }}"}))],
        "edges": edges(&["s>l", "l.loop>a", "a>b", "l.done>c", "c>t"])})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_run_with_much_to_compute_lets_others_go_on_and_can_be_stopped() {
    let world = World::new().await;
    let (big, small) = (world.workflow(heavy()).await, world.workflow(ready()).await);
    let list: Vec<u32> = (0..3_000).collect();
    let started = world.engine.start(world.start(&big, json!({"list": list}))).await.unwrap();
    // It is accepted after a brief slice, and others come in between: with one worker for all of them.
    assert_eq!(started.status, ExecutionStatus::Running);
    for _ in 0..3 {
        assert_eq!(world.run(&small, json!({"n": 1})).await.status, ExecutionStatus::Success);
    }
    assert_eq!(world.row(started.id).await.status, ExecutionStatus::Running);
    let stopped = world.engine.start(world.start(&big, json!({"list": list}))).await.unwrap();
    let audit = by_ada(AuditAction::ExecutionCancelled, &world);
    assert!(world.engine.cancel(workspace(), stopped.id, audit).await.unwrap());
    let end = world.engine.wait(stopped.id, Duration::from_secs(60)).await.unwrap();
    assert_eq!(super::harness::finished(end).status, ExecutionStatus::Cancelled);
    let end = super::harness::finished(world.engine.wait(started.id, Duration::from_secs(60)).await.unwrap());
    assert_eq!((end.status, &*end.output), (ExecutionStatus::Success, &json!(600)));
    assert_eq!(world.report(started.id).await.nodes.len(), 2 + 2 * 3_000 + 2);
    assert!(world.store.execution_journal(started.id).await.unwrap().len() > 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_run_that_dies_between_two_slices_goes_on_where_it_was() {
    let world = World::new().await;
    let big = world.workflow(heavy()).await;
    let list: Vec<u32> = (0..3_000).collect();
    let started = world.engine.start(world.start(&big, json!({"list": list}))).await.unwrap();
    // The first engine keeps on until its append is refused: the run belongs to the second by then.
    let second = world.another_engine();
    assert_eq!(second.recover().await.unwrap(), 1);
    let end = super::harness::finished(second.wait(started.id, Duration::from_secs(60)).await.unwrap());
    assert_eq!((end.status, &*end.output), (ExecutionStatus::Success, &json!(600)));
    let report = world.report(started.id).await;
    assert_eq!(report.nodes.len(), 2 + 2 * 3_000 + 2);
    assert!(report.nodes.iter().all(|node| node.attempts == 1 && node.status == NodeStatus::Success));
}

fn ready() -> serde_json::Value {
    json!({"nodes": [node("s", "Start", json!({})), node("a", "Set", json!({"fields": {"x": "{{ $input.n }}"}}))],
        "edges": edges(&["s>a"])})
}
