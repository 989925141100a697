//! What a server does while its vault is sealed, and when keys change under it.

use flero_testing::{Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, chain, made, node, set_status, stored};

/// A webhook whose workflow calls a service with a credential.
async fn hook(server: &TestServer, service: &Service, path: &str, credential: &str) -> String {
    let mut call = node("call", "HTTPRequest", json!({"url": service.url("/me")}));
    call["credentialId"] = json!(credential);
    let trigger = node("in", "WebhookTrigger", json!({ "path": path }));
    let id = made(server, chain(vec![trigger, call])).await;
    set_status(server, &id, "active").await;
    id
}

async fn execution(server: &TestServer, answer: &Value) -> Value {
    let id = answer["executionId"].as_str().unwrap();
    server.owner.get(&format!("/api/executions/{id}")).await.expect(200)
}

/// Security test 15: a sealed server uses no credential, its triggers queue, and its health says so.
#[tokio::test]
async fn a_sealed_server_queues_what_needs_a_secret_and_goes_on_when_it_is_open() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let credential = stored(&server, &service).await;
    hook(&server, &service, "secret", &credential).await;
    let plain = node("in", "WebhookTrigger", json!({"path": "plain", "responseMode": "onCompletion"}));
    let plain = made(&server, chain(vec![plain, node("end", "Terminal", json!({"output": 1}))])).await;
    set_status(&server, &plain, "active").await;
    let mut guarded = node("in", "WebhookTrigger", json!({"path": "guarded"}));
    guarded["credentialId"] = json!(credential);
    let guarded = made(&server, chain(vec![guarded])).await;
    set_status(&server, &guarded, "active").await;
    let open = server.owner.anonymous();

    server.keyring.seal_vault("closed by the test");
    let health = open.get("/api/health").await;
    assert_eq!(health.status, 503);
    assert!(health.text().contains("sealed"), "{}", health.text());
    // What needs no secret goes on; what needs one is accepted and waits.
    assert_eq!(open.post("/webhook/plain", json!({})).await.expect(200), json!(1));
    let waiting = open.post("/webhook/secret", json!({})).await.expect(200);
    // A caller who cannot be checked is asked to come again, and not refused.
    let unchecked = open.send("POST", "/webhook/guarded", &[("authorization", "Bearer x")], "").await;
    assert_eq!(unchecked.problem(503), "unavailable");
    // Nobody uses a credential, by whatever way.
    let test = server.owner.post(&format!("/api/credentials/{credential}/test"), json!({})).await;
    assert_ne!(test.json()["verdict"], "accepted");
    let proxied = server.owner.get(&format!("/api/proxy/{credential}/{}/me", service.host())).await;
    assert!(!proxied.status.is_success(), "{}", proxied.status);
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert_eq!(execution(&server, &waiting).await["status"], "pending");
    assert_eq!(service.seen().len(), 0);

    server.unseal().await;
    assert_eq!(open.get("/api/health").await.status, 200);
    for _ in 0..200 {
        if execution(&server, &waiting).await["status"] == "success" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(execution(&server, &waiting).await["status"], "success");
    assert_eq!(service.seen().len(), 1);
}

/// Another process exchanges the scope's key between two writes of this one, which has the old key in memory.
#[tokio::test]
async fn a_new_secret_is_stored_though_the_key_was_exchanged_meanwhile() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    server.exchange_scope_key(&id).await;
    let path = format!("/api/credentials/{id}");
    let rotated = server
        .owner
        .post(&format!("{path}/rotate"), json!({"data": {"token": TOKEN}, "force": true}))
        .await
        .expect(200);
    assert_eq!(rotated["status"], "active");
    assert_eq!(
        server.owner.post(&format!("{path}/test"), json!({})).await.expect(200)["verdict"],
        "accepted"
    );
}
