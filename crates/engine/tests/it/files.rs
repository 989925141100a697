//! Files between services and blob storage.

use std::time::Duration;

use flero_engine::EngineConfig;
use flero_model::execution::ExecutionStatus;
use serde_json::json;

use super::{
    harness::{World, edges, node},
    service::{Answer, Service},
};

fn file(length: usize) -> Answer {
    Answer {
        status: 200,
        headers: "content-type: application/zip\r\n".into(),
        body: vec![7; length],
        delay_ms: 0,
    }
}

/// What is too long for the operator's limit leaves nothing on the disk; the limit of other answers does not count.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_stored_up_to_the_limit_and_leaves_nothing_above_it() {
    let service = Service::start(|seen| match &*seen.path {
        "/up" => Answer::json(&json!({"length": seen.header("content-length")})),
        path => file(path[1..].parse().unwrap()),
    })
    .await;
    let config = EngineConfig { file_bytes: 60 << 20, dead_after: Duration::ZERO, ..EngineConfig::default() };
    let world = World::with(config).await;
    let workflow = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})),
            node("a", "HTTPRequest", json!({"url": format!("{}/{{{{ $trigger.length }}}}", service.url)})),
            node("b", "HTTPRequest", json!({"url": format!("{}/up", service.url), "method": "POST", "bodyType": "raw", "body": "{{ $node[\"A\"].json.body }}"})),
            node("t", "Terminal", json!({"output": {"sent": "{{ $node[\"B\"].json.body.length }}", "size": "{{ $node[\"A\"].json.size }}", "bytes": "{{ $node[\"A\"].json.body.bytes }}"}}))],
            "edges": edges(&["s>a", "a>b", "b>t"])}))
        .await;
    let length = 55 << 20;
    let end = world.run(&workflow, json!({"length": length})).await;
    assert_eq!(*end.output, json!({"sent": length.to_string(), "size": length, "bytes": length}));
    let files = || std::fs::read_dir(world.folder.path().join("blobs")).unwrap().count();
    assert_eq!(files(), 1);
    let end = world.run(&workflow, json!({"length": (60 << 20) + 1})).await;
    assert_eq!(
        (end.status, end.error.unwrap().code.as_str()),
        (ExecutionStatus::Failed, "http.body_too_large")
    );
    assert_eq!(files(), 1, "a part of a file is left");
}
