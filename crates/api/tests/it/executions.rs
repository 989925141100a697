//! Executions: running, waiting, reading, replaying, cancelling, watching.

use std::time::Duration;

use flero_testing::{PASSWORD, Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, chain, made, matrix::guest, node, stored};

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
    for (filter, total) in [
        ("trigger=manual", 6),
        ("trigger=webhook", 0),
        ("since=2020-01-01T00:00:00Z", 6),
        ("until=2020-01-01T00:00:00Z", 0),
    ] {
        let path = format!("/api/executions?workflowId={id}&status=success&{filter}");
        assert_eq!(server.owner.get(&path).await.expect(200)["total"], total, "{filter}");
    }
    assert_eq!(server.owner.get("/api/executions?trigger=moon").await.status, 400);
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

/// One thread serves everything here, so that work that keeps it from others is seen at once.
#[tokio::test]
async fn health_answers_and_others_run_beside_a_loop_of_very_many_nodes() {
    let server = TestServer::start().await;
    let nodes = vec![
        node("s", "Start", json!({})),
        node("l", "Loop", json!({"mode": "range", "from": 1, "to": 4_000})),
        node("a", "Set", json!({"fields": {"x": "{{ $item * 2 }}"}})),
        node("b", "Set", json!({"fields": {"y": "{{ $input.x + 1 }}"}})),
    ];
    let edges = json!([{"from": "s", "to": "l"}, {"from": "l", "fromPort": "loop", "to": "a"}, {"from": "a", "to": "b"}]);
    let big = made(&server, json!({"name": "Big", "nodes": nodes, "edges": edges})).await;
    let small = made(&server, chain(vec![node("s", "Start", json!({}))])).await;
    let started = server.owner.post(&format!("/api/workflows/{big}/run"), json!({})).await.expect(202);
    let path = format!("/api/executions/{}", started["executionId"].as_str().unwrap());
    for _ in 0..3 {
        assert_eq!(server.owner.get("/api/health").await.status, 200);
        let other = server.owner.post(&format!("/api/workflows/{small}/run?wait=1"), json!({})).await;
        assert_eq!(other.expect(200)["status"], "success");
    }
    assert_eq!(server.owner.get(&path).await.expect(200)["status"], "running");
    let end = loop {
        let now = server.owner.get(&path).await.expect(200);
        if now["status"] != "running" {
            break now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    assert_eq!((&end["status"], end["nodes"].as_array().unwrap().len()), (&json!("success"), 8_002));
}

/// What stands in a stream of events, as names and data.
fn told(text: &str) -> Vec<(String, Value)> {
    let blocks = text.split("\n\n").filter(|block| block.contains("event: "));
    let line = |block: &str, name: &str| {
        let found = block.lines().find_map(|line| line.strip_prefix(name).map(str::trim).map(str::to_owned));
        found.unwrap_or_default()
    };
    blocks
        .map(|block| (line(block, "event:"), serde_json::from_str(&line(block, "data:")).unwrap()))
        .collect()
}

#[tokio::test]
async fn a_watcher_gets_a_snapshot_first_and_the_end_though_the_run_waited_outside_of_memory() {
    let server = TestServer::start().await;
    server.engine.spawn_background();
    let nodes = vec![
        node("s", "Start", json!({})),
        node("w", "Wait", json!({"durationMs": 3_600_000})),
        node("e", "Terminal", json!({"output": 1})),
    ];
    let id = made(&server, chain(nodes)).await;
    let run = server.owner.post(&format!("/api/workflows/{id}/run"), json!({})).await.expect(202);
    let path = format!("/api/executions/{}/events", run["executionId"].as_str().unwrap());
    let (watcher, early) = (server.owner.clone(), path.clone());
    let watching = tokio::spawn(async move { watcher.get(&early).await.text() });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!watching.is_finished(), "the stream of a run that waits was closed");
    server.clock.advance(3_600_001);
    let events = tokio::time::timeout(std::time::Duration::from_secs(20), watching).await.unwrap().unwrap();
    let events = told(&events);
    assert_eq!(events[0].0, "snapshot");
    assert_eq!(events[0].1["status"], "waitingForInput");
    let states = json!([{"nodeId": "s", "status": "success"}, {"nodeId": "w", "status": "waiting"}]);
    assert_eq!(events[0].1["nodes"], states);
    let (name, last) = events.last().unwrap();
    assert_eq!((name.as_str(), &last["status"]), ("finished", &json!("success")));
    // Who comes after the end is told how it ended, node by node.
    let late = told(&server.owner.get(&path).await.text());
    assert_eq!(late.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["snapshot", "finished"]);
    assert_eq!(late[0].1["nodes"].as_array().unwrap().len(), 3);
    let foreign = "/api/executions/exec_01h455vb4pex5vsknk084sn02q/events";
    assert_eq!(server.owner.get(foreign).await.problem(404), "not_found");
}

/// A stream outlives the request that was let through; what lets a request through does not.
#[tokio::test]
async fn who_watches_is_asked_again_and_again() {
    let server = TestServer::start().await;
    let wait = node("w", "Wait", json!({"durationMs": 3_600_000}));
    let id = made(&server, chain(vec![node("s", "Start", json!({})), wait])).await;
    let run = server.owner.post(&format!("/api/workflows/{id}/run"), json!({})).await.expect(202);
    let one = format!("/api/executions/{}/events", run["executionId"].as_str().unwrap());
    for path in [one.as_str(), "/api/executions/events"] {
        let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
        let key = owner
            .post("/api/api-keys", json!({"name": "k", "scopes": ["executions:read"]}))
            .await
            .expect(201);
        let (guest, member) = guest(&server, &format!("{}@example.com", path.len()), "viewer").await;
        let leaver = server.owner.sign_in("ada@example.com", PASSWORD).await;
        let mut streams = Vec::new();
        for client in [&server.owner.with_key(key["key"].as_str().unwrap()), &guest, &leaver] {
            let mut events = client.watch(path).await;
            let _ = events.next().await;
            streams.push(events);
        }
        let mut stays = owner.watch(path).await;
        let _ = stays.next().await;
        let key = format!("/api/api-keys/{}", key["id"].as_str().unwrap());
        let _ = owner.send("DELETE", &key, &[], "").await.expect(204);
        let role = json!({"role": "editor"});
        let _ = owner.json("PATCH", &format!("/api/members/{member}"), &role).await.expect(204);
        let _ = leaver.send("POST", "/api/auth/logout", &[], "").await.expect(204);
        for (place, events) in streams.iter_mut().enumerate() {
            assert!(events.ends_within(Duration::from_secs(1)).await, "stream {place} of {path}");
        }
        assert!(!stays.ends_within(Duration::from_millis(1_500)).await, "{path}");
    }
}

#[tokio::test]
async fn what_happens_among_the_runs_of_a_workspace_is_told_as_it_happens() {
    let server = TestServer::start().await;
    let wait = node("w", "Wait", json!({"durationMs": 3_600_000}));
    let id = made(&server, chain(vec![node("s", "Start", json!({})), wait])).await;
    let other = made(&server, chain(vec![node("s", "Start", json!({}))])).await;
    let mut events = server.owner.watch("/api/executions/events").await;
    let first = told(&events.next().await);
    assert_eq!(first, [("executions".to_owned(), json!({"items": [], "more": true}))]);
    let run = server.owner.post(&format!("/api/workflows/{id}/run"), json!({})).await.expect(202);
    // The run may be told while it begins, and once more when it waits.
    let begun = loop {
        let moved = told(&events.next().await).remove(0).1;
        assert_eq!((&moved["items"][0]["id"], &moved["more"]), (&run["executionId"], &json!(false)));
        if moved["items"][0]["status"] == "waitingForInput" {
            break moved;
        }
    };
    // It is told as the list tells it.
    let listed = server.owner.get("/api/executions").await.expect(200);
    assert_eq!(begun["items"], listed["items"]);
    let path = format!("/api/executions/{}/cancel", run["executionId"].as_str().unwrap());
    let _ = server.owner.send("POST", &path, &[], "").await.expect(202);
    let ended = told(&events.next().await).remove(0).1;
    assert_eq!(ended["items"][0]["status"], "cancelled");
    // A key for another workflow sees nothing of it, and many runs are one event that says what it lacks.
    let body = json!({"name": "k", "scopes": ["executions:read"], "workflowIds": [other]});
    let key = server.owner.post("/api/api-keys", body).await.expect(201);
    let narrow = server.owner.with_key(key["key"].as_str().unwrap());
    let mut narrow = narrow.watch("/api/executions/events").await;
    let _ = narrow.next().await;
    let _ = server.owner.post(&format!("/api/workflows/{id}/run"), json!({})).await.expect(202);
    for _ in 0..60 {
        let _ = server.owner.post(&format!("/api/workflows/{other}/run?wait=1"), json!({})).await.expect(200);
    }
    let mut found = std::collections::BTreeSet::new();
    let mut is_more = false;
    while found.len() < 60 && !is_more {
        let moved = told(&narrow.next().await).remove(0).1;
        for run in moved["items"].as_array().unwrap() {
            assert_eq!(run["workflowId"], json!(other));
            found.insert(run["id"].as_str().unwrap().to_owned());
        }
        is_more = moved["more"] == true;
    }
}

#[tokio::test]
async fn attempts_are_told_one_by_one_while_they_fail_and_afterwards() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    // The wait is short enough to stay in memory, so that the watcher is there before the call is made.
    let wait = node("w", "Wait", json!({"durationMs": 20_000}));
    let parameters = json!({"url": service.url("/status/503"), "retries": 1, "retryDelayMs": 60_000});
    let call = node("call", "HTTPRequest", parameters);
    let id = made(&server, chain(vec![node("s", "Start", json!({})), wait, call])).await;
    let run = server.owner.post(&format!("/api/workflows/{id}/run"), json!({})).await.expect(202);
    let path = format!("/api/executions/{}", run["executionId"].as_str().unwrap());
    let (watcher, stream) = (server.owner.clone(), format!("{path}/events"));
    let watching = tokio::spawn(async move { watcher.get(&stream).await.text() });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    server.clock.advance(20_001);
    let waiting = loop {
        let read = server.owner.get(&path).await.expect(200);
        if read["nodes"][2]["attemptDetails"].is_array() {
            break read;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let call = &waiting["nodes"][2];
    assert_eq!((&call["status"], &call["attempts"]), (&json!("waiting"), &json!(1)));
    let first = call["attemptDetails"][0].clone();
    assert_eq!((&first["number"], &first["error"]["code"]), (&json!(1), &json!("http.status")));
    assert!(first["startedAt"].is_string() && first["finishedAt"].is_string(), "{first}");
    server.clock.advance(60_001);
    let events =
        told(&tokio::time::timeout(std::time::Duration::from_secs(20), watching).await.unwrap().unwrap());
    let failed: Vec<_> = events.iter().filter(|(name, _)| name == "attemptFailed").collect();
    assert_eq!(failed.len(), 1, "{events:?}");
    let data = &failed[0].1;
    assert_eq!(
        (&data["nodeId"], &data["attempt"], &data["error"]),
        (&json!("call"), &json!(1), &first["error"])
    );
    assert_eq!((&data["at"], &data["nextAt"]), (&first["finishedAt"], &first["nextAt"]));
    let ended = server.owner.get(&path).await.expect(200);
    let call = &ended["nodes"][2];
    assert_eq!(call["attemptDetails"][0], first);
    assert_eq!((&call["attemptDetails"][1]["error"], &call["attempts"]), (&call["error"], &json!(2)));
    assert!(ended["nodes"][1].get("attemptDetails").is_none(), "{ended}");
}

#[tokio::test]
async fn a_report_names_the_credentials_that_its_reader_may_see() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let credential = stored(&server, &service).await;
    let mut call = node("c", "HTTPRequest", json!({"url": service.url("/me")}));
    call["credentialId"] = json!(credential);
    let id = made(&server, chain(vec![node("s", "Start", json!({})), call])).await;
    let report = server.owner.post(&format!("/api/workflows/{id}/run?wait=1"), json!({})).await.expect(200);
    assert_eq!(
        (&report["nodes"][1]["credentialId"], &report["nodes"][1]["credentialName"]),
        (&json!(credential), &json!("Practice"))
    );
    assert!(report["nodes"][0].get("credentialName").is_none());
    // A credential that is gone is told by its identifier alone.
    let path = format!("/api/credentials/{credential}");
    assert_eq!(server.owner.delete(&format!("{path}?confirm=Practice")).await.status, 204);
    let path = format!("/api/executions/{}", report["id"].as_str().unwrap());
    let later = server.owner.get(&path).await.expect(200);
    assert_eq!(later["nodes"][1]["credentialId"], json!(credential));
    assert!(later["nodes"][1].get("credentialName").is_none());
}

/// An identifier that is malformed is like one that nobody has: no list tells them apart.
#[tokio::test]
async fn a_list_filtered_by_an_unknown_or_malformed_identifier_is_empty() {
    let server = TestServer::start().await;
    let id = made(&server, chain(vec![node("s", "Start", json!({}))])).await;
    let _ = server.owner.post(&format!("/api/workflows/{id}/run?wait=1"), json!({})).await.expect(200);
    let total = async |path: String| server.owner.get(&path).await.expect(200)["total"].clone();
    assert_eq!(total(format!("/api/executions?workflowId={id}")).await, 1);
    for list in ["/api/executions?workflowId=", "/api/audit?credentialId=", "/api/audit?actor="] {
        for filter in
            ["wf_01h455vb4pex5vsknk084sn02q", "usr_01h455vb4pex5vsknk084sn02q", "x", "", "..", "%00"]
        {
            assert_eq!(total(format!("{list}{filter}")).await, 0, "{list}{filter}");
        }
    }
}
