//! Credentials that are first traded for a token by requests that a description names.

use std::time::Duration;

use flero_testing::{CLIENT_ID, CLIENT_SECRET, Provider, TestServer};
use serde_json::{Value, json};

use crate::{chain, made, node};

/// A service whose token endpoint is its log-in: two requests, of which the second needs what the first gave.
fn description(provider: &Provider) -> Value {
    let login = json!([{
        "method": "POST", "url": provider.url("/token"), "format": "form",
        "parameters": {"grant_type": "client_credentials", "client_id": "{client}", "client_secret": "{secret}", "scope": "{scope}"},
        "keep": {"access": "/access_token"}, "expiry": {"secondsAt": "/expires_in"},
    }, {
        "method": "GET", "url": provider.url("/api/me"), "headers": {"Authorization": "Bearer {token.access}"},
        "keep": {"echo": "/youSent"},
    }]);
    let field = |name: &str, secret: bool, optional: bool| json!({"name": name, "label": name, "secret": secret, "optional": optional});
    json!({
        "openapi": "3.1.0", "info": {"title": "Logged In", "version": "1"}, "servers": [{"url": provider.url("")}],
        "components": {"securitySchemes": {"account": {"type": "http", "scheme": "bearer", "x-flero-auth": {
            "authType": "custom", "name": "Account",
            "fields": [field("client", false, false), field("scope", false, true), field("secret", true, false)],
            "login": login,
            "placements": [
                {"in": "header", "name": "Authorization", "value": "Bearer {token.access}"},
                {"in": "header", "name": "X-Echo", "value": "{token.echo}/{client}"},
            ],
            "test": [{"method": "GET", "url": provider.url("/api/me")}],
        }}}},
        "security": [{"account": []}],
        "paths": {"/api/me": {"get": {"operationId": "me", "responses": {"200": {"description": "ok"}}}}},
    })
}

struct World {
    server: TestServer,
    provider: Provider,
    credential: String,
    workflow: String,
}

fn body(secret: &str) -> Value {
    json!({"name": "x", "service": "logged-in", "authType": "custom", "parameters": {"client": CLIENT_ID}, "data": {"secret": secret}})
}

impl World {
    async fn new(secret: &str) -> Self {
        let (server, provider) = (TestServer::start().await, Provider::start().await);
        let _ = server.owner.post("/api/connectors/import", description(&provider)).await.expect(201);
        let new = server.owner.post("/api/credentials", body(secret)).await.expect(201);
        let credential = new["id"].as_str().unwrap().to_owned();
        let mut call = node(
            "call",
            "HTTPRequest",
            json!({"method": "GET", "url": provider.url("/api/me"), "failOnError": false}),
        );
        call["credentialId"] = json!(credential);
        let workflow = made(&server, chain(vec![node("in", "Start", json!({})), call])).await;
        Self { server, provider, credential, workflow }
    }

    /// The status that the service answered to the node, or the node's error code.
    async fn call(&self) -> String {
        let path = format!("/api/workflows/{}/run?wait=true", self.workflow);
        let run = self.server.owner.post(&path, json!({})).await.expect(200);
        assert!(!run.to_string().contains(CLIENT_SECRET));
        let call = run["nodes"].as_array().unwrap().iter().find(|node| node["nodeId"] == "call").unwrap();
        match call["output"]["statusCode"].as_u64() {
            Some(status) => status.to_string(),
            None => call["error"]["code"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_is_made_once_for_all_and_again_when_its_token_is_refused() {
    let world = std::sync::Arc::new(World::new(CLIENT_SECRET).await);
    world.provider.set_delay(Duration::from_millis(200));
    let many = |world: &std::sync::Arc<World>| {
        let runs: Vec<_> = (0..30)
            .map(|_| {
                let world = std::sync::Arc::clone(world);
                tokio::spawn(async move { world.call().await })
            })
            .collect();
        runs
    };
    for run in many(&world) {
        assert_eq!(run.await.unwrap(), "200");
    }
    let requests = world.provider.requests();
    assert_eq!(requests.len(), 1, "one log-in for thirty runs");
    assert_eq!(requests[0]["client_id"], CLIENT_ID);
    assert!(!requests[0].contains_key("scope"), "what nobody typed is left out");
    // Withdrawn at the service: one log-in more, and nobody sees a failure.
    world.provider.forget_access_tokens();
    for run in many(&world) {
        assert_eq!(run.await.unwrap(), "200");
    }
    assert_eq!(world.provider.requests().len(), 2);
    // Ended by its own word: renewed ahead.
    world.server.clock.advance(3_600_000);
    assert_eq!(world.call().await, "200");
    assert_eq!(world.provider.requests().len(), 3);
}

/// What a log-in gave lives in memory alone: another process logs in once more, and no file holds it.
#[tokio::test]
async fn a_login_is_made_once_more_by_another_process_and_written_nowhere() {
    let world = World::new(CLIENT_SECRET).await;
    assert_eq!(world.call().await, "200");
    let process = world.server.beside().await;
    let path = format!("/api/proxy/{}/{}/api/me", world.credential, world.provider.address);
    for _ in 0..3 {
        assert_eq!(process.get(&path).await.status, 200);
    }
    assert_eq!(world.provider.requests().len(), 2);
    assert_eq!(world.call().await, "200", "the first one goes on with its own");
    assert_eq!(world.provider.requests().len(), 2);
    let mut files = vec![world.server.folder().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().flatten().map(|entry| entry.path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(13).any(|window| window == b"access-canary"), "{}", path.display());
    }
}

#[tokio::test]
async fn a_login_that_is_refused_is_not_tried_again_and_again() {
    let world = World::new("cnry-wrong-secret").await;
    for _ in 0..3 {
        assert_eq!(world.call().await, "credential.exchange_refused");
    }
    assert_eq!(world.provider.requests().len(), 1, "services lock accounts");
    world.server.clock.advance(31_000);
    assert_eq!(world.call().await, "credential.exchange_refused");
    assert_eq!(world.provider.requests().len(), 2);
    // Another secret is tried at once.
    let path = format!("/api/credentials/{}", world.credential);
    let _ = world
        .server
        .owner
        .json("PATCH", &path, &json!({"data": {"secret": CLIENT_SECRET}}))
        .await
        .expect(200);
    assert_eq!(world.call().await, "200");
}

#[tokio::test]
async fn a_login_is_tested_as_a_whole() {
    let world = World::new(CLIENT_SECRET).await;
    let test = |secret: &str| world.server.owner.post("/api/credentials/test", body(secret));
    let good = test(CLIENT_SECRET).await.expect(200);
    assert_eq!(good["verdict"], "accepted", "{good}");
    let bad = test("cnry-wrong-secret").await.expect(200);
    assert_eq!(bad["verdict"], "refused", "{bad}");
    assert!(!bad.to_string().contains("cnry"));
    world.provider.set_down(true);
    assert_eq!(test(CLIENT_SECRET).await.expect(200)["verdict"], "unreachable");
}
