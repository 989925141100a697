//! Engines that die at any moment: no accepted run is lost, none is stuck, every effect is known.

use std::{collections::HashMap, time::Duration};

use flero_model::execution::ExecutionStatus;
use serde_json::json;

use super::{
    harness::{World, edges, node},
    service::{Answer, Service},
};

/// Deaths in the test run; the soak has more.
fn rounds() -> u64 {
    if std::env::var("FLERO_SOAK").is_ok() { 500 } else { 8 }
}

/// Reliability figure 1 at the engine's level: every engine lives in a runtime of its own, which is torn down with
/// everything in flight, as a process is.
#[test]
fn no_accepted_run_is_lost_or_stuck_when_engines_die() {
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (world, service, workflow) = rt.block_on(async {
        let service = Service::start(|seen| Answer::json(&json!({"key": seen.header("idempotency-key"), "body": seen.body})).after(15)).await;
        let world = World::new().await;
        let call = |id: &str| node(id, "HTTPRequest", json!({"url": service.url, "method": "POST", "body": {"n": "{{ $trigger.n }}", "at": id}}));
        let workflow = world
            .workflow(json!({"nodes": [node("s", "Start", json!({})), call("a"), node("w", "Wait", json!({"durationMs": 20})), node("l", "Loop", json!({"items": "{{ [1, 2] }}", "mode": "parallel"})), call("b"),
                node("t", "Terminal", json!({"output": "{{ $trigger.n }}"}))],
                "edges": edges(&["s>a", "a>w", "w>l", "l.loop>b", "l.done>t"])}))
            .await;
        (world, service, workflow)
    });
    let mut acknowledged = HashMap::new();
    let mut number = 0;
    for round in 0..rounds() {
        let process =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let engine = world.another_engine();
        process.block_on(async {
            engine.recover().await.unwrap();
            engine.spawn_background();
            for _ in 0..10 {
                number += 1;
                let started = engine.start(world.start(&workflow, json!({"n": number}))).await.unwrap();
                acknowledged.insert(started.id, number);
            }
            tokio::time::sleep(Duration::from_millis(7 + (round * 13) % 60)).await;
        });
        // The process dies: no future is polled again.
        process.shutdown_timeout(Duration::from_millis(1));
    }
    rt.block_on(async {
        let last = world.another_engine();
        last.recover().await.unwrap();
        last.spawn_background();
        for (id, number) in &acknowledged {
            let end = super::harness::finished(last.wait(*id, Duration::from_secs(30)).await.unwrap());
            assert_eq!((end.status, &*end.output), (ExecutionStatus::Success, &json!(number)));
        }
        // Each effect was done at least once; more than once only with the same key, and marked.
        let mut per_key: HashMap<String, usize> = HashMap::new();
        for seen in service.seen() {
            *per_key.entry(seen.header("idempotency-key").unwrap().to_owned()).or_default() += 1;
        }
        assert_eq!(per_key.len(), acknowledged.len() * 3);
        let mut marked = 0;
        for id in acknowledged.keys() {
            marked += world.report(*id).await.nodes.iter().filter(|node| node.maybe_duplicated).count();
        }
        let doubled = per_key.values().filter(|count| **count > 1).count();
        assert!(doubled <= marked, "{doubled} effects were done twice, {marked} are marked");
        assert!(marked > 0, "no engine died with an effect in flight; the test tests nothing");
    });
}
