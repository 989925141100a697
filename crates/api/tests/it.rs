//! The API over the real router, store, vault, door and engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "it/api_keys.rs"]
mod api_keys;
#[path = "it/archive.rs"]
mod archive;
#[path = "../../connect/tests/it/as_user.rs"]
mod as_user;
#[path = "it/audit_export.rs"]
mod audit_export;
#[path = "it/authenticator.rs"]
mod authenticator;
#[path = "it/bodies.rs"]
mod bodies;
#[path = "it/connectors.rs"]
mod connectors;
#[path = "it/credential_kinds.rs"]
mod credential_kinds;
#[path = "it/credentials.rs"]
mod credentials;
#[path = "it/departures.rs"]
mod departures;
#[path = "it/described.rs"]
mod described;
#[path = "it/description.rs"]
mod description;
#[allow(dead_code)]
#[path = "../../connect/tests/it/dovecot.rs"]
mod dovecot;
#[path = "it/event_deliveries.rs"]
mod event_deliveries;
#[path = "it/event_handshakes.rs"]
mod event_handshakes;
#[path = "it/event_polling.rs"]
mod event_polling;
#[path = "it/event_services.rs"]
mod event_services;
#[path = "it/events.rs"]
mod events;
#[path = "it/every_route.rs"]
mod every_route;
#[path = "it/executions.rs"]
mod executions;
#[path = "it/full_disk.rs"]
mod full_disk;
#[path = "it/known_services.rs"]
mod known_services;
#[path = "it/leaks.rs"]
mod leaks;
#[path = "it/lifecycle.rs"]
mod lifecycle;
#[path = "it/logins.rs"]
mod logins;
#[path = "it/logs.rs"]
mod logs;
#[path = "it/mail_accounts.rs"]
mod mail_accounts;
#[path = "../../connect/tests/it/mariadb.rs"]
mod mariadb;
#[path = "it/marketplace.rs"]
mod marketplace;
#[path = "it/matrix.rs"]
mod matrix;
#[path = "it/members.rs"]
mod members;
#[path = "it/mfa.rs"]
mod mfa;
#[path = "it/mfa_policy.rs"]
mod mfa_policy;
#[path = "it/notifications.rs"]
mod notifications;
#[path = "it/oauth_apps.rs"]
mod oauth_apps;
#[path = "it/oauth_attempts.rs"]
mod oauth_attempts;
#[path = "it/oauth_hostile.rs"]
mod oauth_hostile;
#[path = "it/oauth_lost.rs"]
mod oauth_lost;
#[path = "it/oauth_peer.rs"]
mod oauth_peer;
#[path = "it/oauth_tokens.rs"]
mod oauth_tokens;
#[path = "it/openid.rs"]
mod openid;
#[path = "it/passkeys.rs"]
mod passkeys;
#[allow(dead_code)]
#[path = "../../connect/tests/it/peers.rs"]
mod peers;
#[path = "it/policies.rs"]
mod policies;
#[path = "../../connect/tests/it/postgres.rs"]
mod postgres;
#[path = "it/proxy.rs"]
mod proxy;
#[path = "it/schemathesis.rs"]
mod schemathesis;
#[path = "it/scim.rs"]
mod scim;
#[path = "it/scope_requests.rs"]
mod scope_requests;
#[path = "it/sealed.rs"]
mod sealed;
#[path = "it/serving.rs"]
mod serving;
#[path = "it/sign_in.rs"]
mod sign_in;
#[path = "it/sign_up.rs"]
mod sign_up;
#[path = "it/timing.rs"]
mod timing;
#[path = "it/trying.rs"]
mod trying;
#[path = "it/vault.rs"]
mod vault;
#[path = "it/verdicts.rs"]
mod verdicts;
#[path = "it/webhooks.rs"]
mod webhooks;
#[path = "it/workflows.rs"]
mod workflows;

use flero_testing::{Service, TestServer};
use serde_json::{Value, json};

/// The secret of most tests: long enough to be searched for in everything.
const TOKEN: &str = "canary-3f9a1c77d2e84b60";

/// A bearer credential for a service.
fn bearer(service: &Service) -> Value {
    json!({
        "name": "Practice", "service": "http", "authType": "bearer", "scope": "workspace",
        "parameters": {"testUrl": service.url("/me")}, "data": {"token": TOKEN}, "allowedHosts": [service.host()],
    })
}

/// A stored bearer credential's ID.
async fn stored(server: &TestServer, service: &Service) -> String {
    let made = server.owner.post("/api/credentials", bearer(service)).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A workflow document of nodes in a row, from the first to the last.
fn chain(nodes: Vec<Value>) -> Value {
    let ids: Vec<String> = nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect();
    let edges: Vec<Value> = ids.windows(2).map(|pair| json!({"from": pair[0], "to": pair[1]})).collect();
    json!({"name": "Sample", "nodes": nodes, "edges": edges})
}

fn node(id: &str, kind: &str, parameters: Value) -> Value {
    json!({"id": id, "name": id, "type": kind, "parameters": parameters})
}

/// Makes a workflow and gives back its ID.
async fn made(server: &TestServer, document: Value) -> String {
    server.owner.post("/api/workflows", document).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Sets a workflow's status.
async fn set_status(server: &TestServer, id: &str, status: &str) {
    let _ = server
        .owner
        .post(&format!("/api/workflows/{id}/status"), json!({ "status": status }))
        .await
        .expect(200);
}

/// A key of the owner with these scopes.
async fn key_with(server: &TestServer, scopes: &[&str]) -> String {
    let made = server.owner.post("/api/api-keys", json!({"name": "k", "scopes": scopes})).await.expect(201);
    made["key"].as_str().unwrap().to_owned()
}
