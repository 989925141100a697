//! Requests for a wider scope: who may ask, who decides, and what comes of it.

use flero_testing::{Client, PASSWORD, Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, bearer, matrix::guest, stored};

const DAY: i64 = 86_400_000;

/// A Personal credential of somebody.
async fn personal(client: &Client, service: &Service) -> String {
    let mut body = bearer(service);
    body["scope"] = json!("personal");
    client.post("/api/credentials", body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Asks for a wider scope; the request's ID.
async fn asked(client: &Client, credential: &str, to: &str) -> String {
    let body = json!({"scope": to, "note": "The whole team needs it."});
    let made = client.post(&format!("/api/credentials/{credential}/scope"), body).await.expect(202);
    assert_eq!(
        (&made["status"], &made["to"], &made["canDecide"]),
        (&json!("open"), &json!(to), &json!(false))
    );
    made["id"].as_str().unwrap().to_owned()
}

/// The categories of what somebody was told, the newest first.
async fn told(client: &Client) -> Vec<Value> {
    let listed = client.get("/api/me/notifications").await.expect(200);
    listed["items"].as_array().unwrap().iter().map(|one| one["category"].clone()).collect()
}

#[tokio::test]
async fn an_editor_asks_an_admin_sees_who_gains_and_approves() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (grace, grace_id) = guest(&server, "grace@example.com", "editor").await;
    let (other, _) = guest(&server, "other@example.com", "editor").await;
    let (viewer, _) = guest(&server, "viewer@example.com", "viewer").await;
    let credential = personal(&grace, &service).await;
    let scope = format!("/api/credentials/{credential}/scope");

    let preview =
        grace.post(&format!("{scope}?preview=true"), json!({"scope": "workspace"})).await.expect(200);
    assert_eq!(preview["gains"].as_array().unwrap().len(), 2, "{preview}");
    assert_eq!(grace.get("/api/scope-requests").await.expect(200)["total"], 0, "a preview asks nobody");
    let id = asked(&grace, &credential, "workspace").await;
    let path = format!("/api/scope-requests/{id}");
    let again = grace.post(&scope, json!({"scope": "workspace"})).await;
    assert_eq!(again.problem(409), "scope_request_open");
    assert_eq!(viewer.post(&scope, json!({"scope": "workspace"})).await.problem(403), "role_insufficient");

    // Until it is approved, nobody else uses it; and only who decides learns that it is there.
    assert_eq!(other.get(&format!("/api/credentials/{credential}")).await.problem(404), "not_found");
    for stranger in [&other, &viewer] {
        assert_eq!(stranger.get(&path).await.problem(404), "not_found");
        assert_eq!(stranger.get("/api/scope-requests").await.expect(200)["items"], json!([]));
    }
    assert_eq!(other.post(&format!("{path}/approve"), json!({})).await.problem(403), "role_insufficient");

    server.app.sweep_notifications().await.unwrap();
    assert_eq!(told(&ada).await, [json!("scope.requested")]);
    let seen = ada.get(&path).await.expect(200);
    assert_eq!(seen["gains"].as_array().unwrap().len(), 2, "{seen}");
    let expected =
        (&json!(grace_id), &json!("The whole team needs it."), &json!([service.host()]), &json!(true));
    assert_eq!((&seen["askedBy"], &seen["note"], &seen["allowedHosts"], &seen["canDecide"]), expected);
    assert!(!seen.to_string().contains(TOKEN));

    let done = ada.post(&format!("{path}/approve"), json!({})).await.expect(200);
    assert_eq!((&done["status"], &done["deciderName"]), (&json!("approved"), &json!("Ada")));
    assert_eq!(other.get(&format!("/api/credentials/{credential}")).await.expect(200)["scope"], "workspace");
    // The secret was sealed anew under the keys of the workspace, and works.
    let verdict = ada.post(&format!("/api/credentials/{credential}/test"), json!({})).await.expect(200);
    assert_eq!(verdict["verdict"], "accepted", "{verdict}");
    assert_eq!(ada.post(&format!("{path}/approve"), json!({})).await.problem(409), "scope_request_closed");
    server.app.sweep_notifications().await.unwrap();
    assert_eq!(told(&grace).await, [json!("scope.decided")]);

    let trail = ada.get(&format!("/api/audit?credentialId={credential}")).await.expect(200);
    let actions: Vec<&str> =
        trail["items"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    for action in ["scope_request.created", "scope_request.approved", "credential.scope_changed"] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
}

#[tokio::test]
async fn a_request_is_refused_with_a_reason_or_taken_back_by_its_asker_alone() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (grace, _) = guest(&server, "grace@example.com", "editor").await;
    let credential = personal(&grace, &service).await;
    let id = asked(&grace, &credential, "workspace").await;
    let path = format!("/api/scope-requests/{id}");
    assert_eq!(ada.delete(&path).await.problem(403), "role_insufficient");
    assert_eq!(
        ada.post(&format!("{path}/reject"), json!({"reason": " "})).await.problem(422),
        "invalid_fields"
    );
    let reason = json!({"reason": "Use the one of the team."});
    let refused = ada.post(&format!("{path}/reject"), reason).await.expect(200);
    assert_eq!(refused["status"], "rejected");
    assert_eq!(grace.get(&path).await.expect(200)["reason"], "Use the one of the team.");
    assert_eq!(grace.get(&format!("/api/credentials/{credential}")).await.expect(200)["scope"], "personal");

    let second = asked(&grace, &credential, "workspace").await;
    assert_eq!(grace.delete(&format!("/api/scope-requests/{second}")).await.status, 204);
    let approve = format!("/api/scope-requests/{second}/approve");
    assert_eq!(ada.post(&approve, json!({})).await.problem(409), "scope_request_closed");
    let open = ada.get("/api/scope-requests?status=open").await.expect(200);
    assert_eq!((&open["items"], &open["total"]), (&json!([]), &json!(0)));
    let all = ada.get("/api/scope-requests").await.expect(200);
    assert_eq!(all["total"], 2);
}

/// Security test 60: widening to the organization needs a fresh proof, by whichever way; nobody approves their own
/// request, and no key does.
#[tokio::test]
async fn a_request_for_the_organization_needs_its_admin_and_a_fresh_proof() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (admin, _) = guest(&server, "admin@example.com", "admin").await;
    let (grace, grace_id) = guest(&server, "grace@example.com", "editor").await;
    let credential = stored(&server, &service).await;
    let id = asked(&grace, &credential, "organization").await;
    let approve = format!("/api/scope-requests/{id}/approve");
    // A workspace's admin decides nothing for the organization, and does not see the request.
    assert_eq!(admin.post(&approve, json!({})).await.problem(404), "not_found");
    assert_eq!(server.owner.post(&approve, json!({})).await.problem(403), "session_required");
    // Whoever becomes admin of the organization meanwhile does not approve what they asked for.
    let role = format!("/api/organization/members/{grace_id}");
    assert_eq!(ada.patch(&role, json!({"role": "admin"})).await.status, 204);
    assert_eq!(grace.post(&approve, json!({})).await.problem(403), "role_insufficient");
    server.clock.advance(6 * 60_000);
    assert_eq!(ada.post(&approve, json!({})).await.problem(403), "step_up_required");
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let done = ada.post(&approve, json!({})).await.expect(200);
    assert_eq!(done["status"], "approved");
    let now = ada.get(&format!("/api/credentials/{credential}")).await.expect(200);
    assert_eq!(now["scope"], "organization");
}

#[tokio::test]
async fn what_changed_since_it_was_asked_for_is_not_approved() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (grace, grace_id) = guest(&server, "grace@example.com", "editor").await;
    let credential = personal(&grace, &service).await;
    let id = asked(&grace, &credential, "workspace").await;
    let approve = format!("/api/scope-requests/{id}/approve");
    let edit = json!({"parameters": {}, "allowedHosts": ["elsewhere.example.com"], "data": {"token": TOKEN}});
    let _ = grace.patch(&format!("/api/credentials/{credential}"), edit).await.expect(200);
    assert_eq!(ada.post(&approve, json!({})).await.problem(409), "scope_request_stale");
    assert_eq!(grace.delete(&format!("/api/scope-requests/{id}")).await.status, 204);

    let id = asked(&grace, &credential, "workspace").await;
    let approve = format!("/api/scope-requests/{id}/approve");
    let role = format!("/api/members/{grace_id}");
    assert_eq!(ada.patch(&role, json!({"role": "viewer"})).await.status, 204);
    assert_eq!(ada.post(&approve, json!({})).await.problem(409), "scope_request_stale");
    assert_eq!(ada.patch(&role, json!({"role": "editor"})).await.status, 204);
    let revoke = format!("/api/credentials/{credential}/revoke");
    let _ = grace.post(&revoke, json!({})).await.expect(200);
    assert_eq!(ada.post(&approve, json!({})).await.problem(409), "credential_revoked");
}

#[tokio::test]
async fn a_request_that_nobody_decides_on_expires_and_its_asker_is_told() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let (grace, _) = guest(&server, "grace@example.com", "editor").await;
    let credential = personal(&grace, &service).await;
    let id = asked(&grace, &credential, "workspace").await;
    server.clock.advance(14 * DAY);
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let approve = format!("/api/scope-requests/{id}/approve");
    assert_eq!(ada.post(&approve, json!({})).await.problem(409), "scope_request_closed");
    assert_eq!(ada.get("/api/scope-requests?status=expired").await.expect(200)["total"], 1);
    assert_eq!(server.app.expire_scope_requests().await.unwrap(), 1);
    assert_eq!(server.app.expire_scope_requests().await.unwrap(), 0);
    server.app.sweep_notifications().await.unwrap();
    let grace = server.owner.sign_in("grace@example.com", "a guest's own sentence 7").await;
    assert!(told(&grace).await.contains(&json!("scope.decided")));
    // Another one may be asked for.
    let _ = asked(&grace, &credential, "workspace").await;
    // A deleted credential takes its requests along.
    assert_eq!(grace.delete(&format!("/api/credentials/{credential}?confirm=Practice")).await.status, 204);
    assert_eq!(ada.get("/api/scope-requests").await.expect(200)["total"], 0);
}
