//! A disk that is full.

use flero_testing::TestServer;
use serde_json::json;

use crate::{chain, made, node, set_status};

/// What was answered is there, what was refused is told so with what to do, and reading goes on.
#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing_that_was_accepted() {
    let server = TestServer::start_with_room(600).await;
    let hook = node(
        "in",
        "WebhookTrigger",
        json!({"path": "full", "method": "POST", "responseMode": "onCompletion"}),
    );
    let workflow =
        made(&server, chain(vec![hook, node("end", "Terminal", json!({"output": {"done": true}}))])).await;
    set_status(&server, &workflow, "active").await;
    let body = json!({"filler": "x".repeat(4_000)});
    let mut answered = 0;
    let refused = loop {
        let answer = server.owner.anonymous().post("/webhook/full", body.clone()).await;
        if answer.status != 200 {
            break answer;
        }
        answered += 1;
        assert!(answered < 1_000, "the disk is never full");
    };
    for answer in [refused, server.owner.put("/api/variables", json!({"LONG": "x".repeat(60_000)})).await] {
        assert_eq!(answer.problem(503), "unavailable");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("disk is full") && detail.contains("free space"), "{detail}");
    }
    let path = format!("/api/executions?workflowId={workflow}&status=success&limit=1");
    assert_eq!(server.owner.get(&path).await.expect(200)["total"], answered);
    assert!(answered > 10);
}
