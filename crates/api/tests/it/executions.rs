//! Executions: running, waiting, reading, replaying, cancelling, watching.

use flero_testing::{Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, chain, made, node, stored};

#[tokio::test]
async fn a_run_is_accepted_or_waited_for() {
    let server = TestServer::start().await;
    let set = node("set", "Set", json!({"fields": {"double": "{{ $trigger.n * 2 }}"}}));
    let end = node("end", "Terminal", json!({"output": {"double": "{{ $input.double }}"}}));
    let id = made(&server, chain(vec![node("s", "Start", json!({})), set, end])).await;
    let path = format!("/api/workflows/{id}/run");
    let accepted = server.owner.post(&path, json!({"input": {"n": 21}})).await.expect(202);
    assert_eq!(accepted["status"], "pending");
    assert_eq!(accepted.as_object().unwrap().len(), 2, "{accepted}");
    let waited =
        server.owner.post(&format!("{path}?wait=true"), json!({"input": {"n": 21}})).await.expect(200);
    assert_eq!((&waited["status"], &waited["output"]), (&json!("success"), &json!({"double": 42})));
    let read =
        server.owner.get(&format!("/api/executions/{}", waited["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(read, waited);
    for (flag, status) in [("wait", 200), ("wait=1", 200), ("wait=false", 202), ("wait=yes", 400)] {
        assert_eq!(server.owner.post(&format!("{path}?{flag}"), json!({})).await.status, status, "{flag}");
    }
    let names: Vec<&str> =
        read["nodes"].as_array().unwrap().iter().map(|node| node["nodeId"].as_str().unwrap()).collect();
    assert_eq!(names, ["s", "set", "end"]);
    let _ = server.owner.send("POST", &path, &[], "").await.expect(202);
    let listed =
        server.owner.get(&format!("/api/executions?workflowId={id}&status=success")).await.expect(200);
    assert_eq!(listed["total"], 6);
}

#[tokio::test]
async fn a_credential_is_used_and_a_refused_one_is_a_failed_execution() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let credential = stored(&server, &service).await;
    let mut call = node("call", "HTTPRequest", json!({"url": service.url("/me")}));
    call["credentialId"] = json!(credential);
    let id = made(&server, chain(vec![node("s", "Start", json!({})), call.clone()])).await;
    let run = |id: String| {
        let client = server.owner.clone();
        async move { client.post(&format!("/api/workflows/{id}/run?wait=true"), json!({})).await.expect(200) }
    };
    let good = run(id).await;
    assert_eq!(good["status"], "success", "{good}");
    assert_eq!(good["nodes"][1]["credentialId"], json!(credential));
    assert_eq!(good["nodes"][1]["output"]["body"]["account"], "ada");
    call["parameters"]["url"] = json!("https://elsewhere.example.com/");
    let elsewhere = made(&server, chain(vec![node("s", "Start", json!({})), call])).await;
    let refused = run(elsewhere).await;
    assert_eq!(
        (&refused["status"], &refused["nodes"][1]["error"]["code"]),
        (&json!("failed"), &json!("credential.destination_refused"))
    );
    let used = server.owner.get(&format!("/api/audit?credentialId={credential}")).await.expect(200);
    let actions: Vec<&str> =
        used["items"].as_array().unwrap().iter().map(|record| record["action"].as_str().unwrap()).collect();
    for action in ["credential.use_intent", "credential.used", "credential.use_refused"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
}

#[tokio::test]
async fn a_run_is_replayed_cancelled_and_watched() {
    let server = TestServer::start().await;
    let id = made(
        &server,
        chain(vec![node("s", "Start", json!({})), node("w", "Wait", json!({"durationMs": 3_600_000}))]),
    )
    .await;
    let started =
        server.owner.post(&format!("/api/workflows/{id}/run"), json!({"input": {"a": 1}})).await.expect(202);
    let execution = format!("/api/executions/{}", started["executionId"].as_str().unwrap());
    let _ = server.owner.send("POST", &format!("{execution}/cancel"), &[], "").await.expect(202);
    let mut status = Value::Null;
    for _ in 0..200 {
        status = server.owner.get(&execution).await.expect(200)["status"].clone();
        if status == "cancelled" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(status, "cancelled");
    assert_eq!(
        server.owner.send("POST", &format!("{execution}/cancel"), &[], "").await.problem(409),
        "execution_ended"
    );
    let events = server.owner.get(&format!("{execution}/events")).await;
    assert_eq!(events.headers["content-type"], "text/event-stream");
    assert!(events.text().contains("event: finished") && events.text().contains("cancelled"));
    let again =
        server.owner.post(&format!("{execution}/replay"), json!({"version": "current"})).await.expect(202);
    let replay = server
        .owner
        .get(&format!("/api/executions/{}", again["executionId"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(again["status"], "pending");
    assert_eq!((&replay["trigger"]["kind"], &replay["input"]), (&json!("replay"), &json!({"a": 1})));
}
