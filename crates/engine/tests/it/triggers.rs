//! The options of triggers.

use std::time::Duration;

use flero_engine::Error;
use flero_model::execution::{ExecutionStatus, TriggerKind};
use serde_json::{Value, json};

use super::{
    harness::{World, edges, node},
    service::{Answer, Service},
};

fn hooked(mut options: Value, rest: Value) -> Value {
    options["path"] = json!("orders");
    json!({"nodes": [node("w", "WebhookTrigger", options), rest], "edges": edges(&["w>r"])})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_runs_once_and_an_empty_one_each_time() {
    let world = World::new().await;
    let workflow = world
        .workflow(hooked(json!({"idempotencyKey": "{{ $trigger.body.id }}"}), node("r", "Set", json!({}))))
        .await;
    let mut ids = Vec::new();
    for id in [json!(1), json!(1), json!(2), json!(null), json!(null)] {
        let mut start = world.start(&workflow, json!({"body": {"id": id}}));
        start.trigger = TriggerKind::Webhook;
        let started = world.engine.start(start).await.unwrap();
        ids.push((started.id, started.existing));
    }
    assert_eq!(ids[0].0, ids[1].0);
    assert_eq!(
        ids.iter().map(|(_, existing)| *existing).collect::<Vec<_>>(),
        [false, true, false, false, false]
    );
    let mut long = world.start(&workflow, json!({"body": {"id": "x".repeat(501)}}));
    long.trigger = TriggerKind::Webhook;
    let refused = world.engine.start(long).await;
    assert!(matches!(refused, Err(Error::TriggerOption { option: "idempotencyKey", .. })));
    assert_eq!(world.executions().await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_and_a_rate_keep_runs_out_but_not_those_of_people() {
    let world = World::new().await;
    let workflow = world
        .workflow(hooked(json!({"activeWhen": "{{ $trigger.body.go === true }}", "rateLimit": {"max": 2, "perMs": 60_000}}), node("r", "Set", json!({}))))
        .await;
    let hook = |go: bool| {
        let mut start = world.start(&workflow, json!({"body": {"go": go}}));
        start.trigger = TriggerKind::Webhook;
        start
    };
    assert!(matches!(world.engine.start(hook(false)).await, Err(Error::ConditionNotMet)));
    world.engine.start(hook(true)).await.unwrap();
    world.engine.start(hook(true)).await.unwrap();
    let Err(Error::RateLimited { retry_after_ms }) = world.engine.start(hook(true)).await else {
        panic!("the limit does not hold")
    };
    assert!((20_000..=30_000).contains(&retry_after_ms), "{retry_after_ms}");
    world.clock.jump(30_000);
    world.engine.start(hook(true)).await.unwrap();
    world.engine.start(world.start(&workflow, json!({"body": {"go": false}}))).await.unwrap();
    assert_eq!(world.executions().await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_beyond_the_limit_wait_their_turn_or_are_refused() {
    let service = Service::start(|_| Answer::json(&json!(1)).after(100)).await;
    let world = World::new().await;
    for when_full in ["wait", "reject"] {
        let call = node("r", "HTTPRequest", json!({"url": service.url}));
        let workflow =
            world.workflow(hooked(json!({"concurrency": {"max": 1, "whenFull": when_full}}), call)).await;
        let hook = || {
            let mut start = world.start(&workflow, json!({}));
            start.trigger = TriggerKind::Webhook;
            start
        };
        let first = world.engine.start(hook()).await.unwrap();
        assert_eq!(first.status, ExecutionStatus::Running);
        let second = world.engine.start(hook()).await;
        if when_full == "reject" {
            assert!(matches!(second, Err(Error::TooManyRuns { limit: 1 })));
        } else {
            let second = second.unwrap();
            assert_eq!(second.status, ExecutionStatus::Pending);
            assert_eq!(world.row(second.id).await.status, ExecutionStatus::Pending);
            let end = super::harness::finished(
                world.engine.wait(second.id, Duration::from_secs(10)).await.unwrap(),
            );
            assert_eq!(end.status, ExecutionStatus::Success);
            let (one, two) = (world.row(first.id).await, world.row(second.id).await);
            assert!(two.started_at >= one.finished_at, "they ran beside each other");
        }
        world.engine.wait(first.id, Duration::from_secs(10)).await.unwrap();
        // The place is free again.
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(world.engine.start(hook()).await.unwrap().status, ExecutionStatus::Running);
    }
}
