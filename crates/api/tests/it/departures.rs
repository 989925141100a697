//! People who leave for good: what goes, what stays, and what the trail says of them.

use flero_store::chain;
use flero_testing::{Answer, Client, PASSWORD, Provider, TestServer};
use serde_json::{Value, json};

use crate::{
    chain as row_of, made,
    matrix::guest,
    mfa::{EMAIL, enrol},
    node,
};

const GRACE: &str = "grace.hopper@example.com";
const HERS: &str = "a guest's own sentence 7";

async fn delete_own(browser: &Client, confirm: &str) -> Answer {
    browser.delete(&format!("/api/me?confirm={confirm}")).await
}

async fn remove(owner: &Client, user: &str, confirm: &str) -> Answer {
    owner.delete(&format!("/api/organization/members/{user}?confirm={confirm}")).await
}

/// Every record of the workspace, the oldest first, with a chain that fits.
async fn trail(server: &TestServer) -> Vec<flero_model::audit::AuditRecord> {
    let owner = server.owner.sign_in(EMAIL, PASSWORD).await.in_workspace(server.workspace);
    let text = owner.get("/api/audit/export").await.text();
    let mut records: Vec<_> = text.lines().map(|line| flero_app::audit::read_line(line).unwrap()).collect();
    records.reverse();
    chain::verify(chain::GENESIS, 0, &records).unwrap();
    records
}

/// What is stored, without what a database keeps in free pages and its log until it is cleaned up.
async fn stored_bytes(server: &TestServer, name: &str) -> Vec<u8> {
    let path = server.folder().join(name);
    server.store.backup_to(&path, |_| {}).await.unwrap();
    std::fs::read(path).unwrap()
}

fn has(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

/// A Personal credential with a token of its service, and a workflow that uses it.
async fn personal(browser: &Client, provider: &Provider) -> (String, String) {
    let mut new = provider.credential("client_credentials");
    new["scope"] = json!("personal");
    let id = browser.post("/api/credentials", new).await.expect(201)["id"].as_str().unwrap().to_owned();
    let mut call = node("call", "HTTPRequest", json!({"url": provider.url("/api/me")}));
    call["credentialId"] = json!(id);
    let document = row_of(vec![node("s", "Start", json!({})), call]);
    let workflow = browser.post("/api/workflows", document).await.expect(201);
    let run = format!("/api/workflows/{}/run?wait=true", workflow["id"].as_str().unwrap());
    assert_eq!(browser.post(&run, json!({})).await.expect(200)["status"], "success");
    (id, run)
}

/// Security test 68: whoever deletes their account leaves an identifier in the trail, whose chain still fits.
#[tokio::test]
async fn a_deleted_account_leaves_an_identifier_and_nothing_else() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let (grace, id) = guest(&server, GRACE, "editor").await;
    let (credential, run) = personal(&grace, &provider).await;
    let key =
        grace.post("/api/api-keys", json!({"name": "k", "scopes": ["workflows:read"]})).await.expect(201);
    let key = server.owner.with_key(key["key"].as_str().unwrap());
    let _ = key.get("/api/workflows").await.expect(200);
    let elsewhere = server.owner.sign_in(GRACE, HERS).await;
    let (grace, ..) = enrol(&server, &grace).await;
    assert!(elsewhere.get("/api/me").await.status == 401, "another factor ends other sessions");
    let before = trail(&server).await.len();
    let bytes = stored_bytes(&server, "before").await;
    assert!(has(&bytes, GRACE) && has(&bytes, &id.to_string()));

    server.clock.advance(300_000);
    assert_eq!(delete_own(&grace, GRACE).await.problem(403), "step_up_required");
    server.clock.advance(-300_000);
    for wrong in ["", "ada@example.com"] {
        assert_eq!(delete_own(&grace, wrong).await.problem(422), "invalid_fields");
    }
    let gone = delete_own(&grace, "Grace.Hopper@example.com").await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    assert!(gone.headers.get_all("set-cookie").iter().count() >= 2, "the cookies go with it");

    assert_eq!(grace.get("/api/me").await.problem(401), "session_ended");
    assert_eq!(key.get("/api/workflows").await.problem(401), "invalid_api_key");
    let login = json!({"email": GRACE, "password": HERS});
    assert_eq!(grace.anonymous().post("/api/auth/login", login).await.problem(401), "invalid_login");
    let owner = server.owner.sign_in(EMAIL, PASSWORD).await;
    for list in ["/api/members", "/api/organization/members"] {
        assert_eq!(owner.get(list).await.expect(200)["total"], 1, "{list}");
    }
    let after_all = owner.post(&run, json!({})).await.expect(200);
    assert_eq!(after_all["status"], "failed", "{after_all}");
    let bytes = stored_bytes(&server, "after").await;
    for needle in [GRACE, "hopper"] {
        assert!(!has(&bytes, needle), "{needle}");
    }
    server.app.sweep_oauth().await.unwrap();
    assert_eq!(provider.revocations().len(), 1, "its service was told");

    let records = trail(&server).await;
    let last: Vec<(&str, Value)> = records[before..]
        .iter()
        .filter(|record| record.event.action.as_str() != "audit.exported")
        .map(|record| (record.event.action.as_str(), serde_json::to_value(record.event.actor).unwrap()))
        .filter(|(action, _)| action.contains("deleted") || action.contains("removed"))
        .collect();
    let her = json!({"kind": "user", "user": id});
    assert_eq!(
        last,
        [("credential.deleted", her.clone()), ("member.removed", her.clone()), ("person.deleted", her)]
    );
    assert!(records.iter().any(|record| record.event.target == credential));

    // The address is free again, and belongs to somebody new.
    let (again, new) = guest(&server, GRACE, "viewer").await;
    assert_ne!(new, id);
    assert_eq!(again.get("/api/me/sign-ins").await.expect(200)["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn an_account_stays_while_it_alone_owns_something() {
    let server = TestServer::start().await;
    let owner = server.owner.sign_in(EMAIL, PASSWORD).await;
    let (bob, id) = guest(&server, "bob@example.com", "editor").await;
    assert_eq!(delete_own(&owner, EMAIL).await.problem(409), "last_owner");
    // The organization goes on without her; her workspace is nobody else's.
    let path = format!("/api/organization/members/{id}");
    assert_eq!(owner.patch(&path, json!({"role": "owner"})).await.status, 204);
    assert_eq!(delete_own(&owner, EMAIL).await.problem(409), "last_owner");
    assert_eq!(owner.get("/api/me").await.expect(200)["role"], "owner", "nothing is half done");
    let transfer = format!("/api/workspaces/{}/transfer", server.workspace);
    assert_eq!(owner.post(&transfer, json!({"userId": id})).await.status, 204);
    assert_eq!(delete_own(&owner, EMAIL).await.status, 204);
    assert_eq!(bob.get("/api/me").await.expect(200)["role"], "owner");
    assert_eq!(server.owner.get("/api/workflows").await.problem(401), "invalid_api_key");
}

#[tokio::test]
async fn the_owner_of_an_organization_removes_an_account() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let owner = server.owner.sign_in(EMAIL, PASSWORD).await;
    let (admin, _) = guest(&server, "admin@example.com", "admin").await;
    let (bob, id) = guest(&server, "bob@example.com", "editor").await;
    let (credential, _) = personal(&bob, &provider).await;
    let workflow = made(&server, row_of(vec![node("s", "Start", json!({}))])).await;

    assert_eq!(remove(&admin, &id, "bob@example.com").await.problem(403), "role_insufficient");
    assert_eq!(remove(&server.owner, &id, "bob@example.com").await.problem(403), "session_required");
    assert_eq!(remove(&owner, &id, "eve@example.com").await.problem(422), "invalid_fields");
    let nobody = "usr_01h455vb4pex5vsknk084sn02q";
    assert_eq!(remove(&owner, nobody, "bob@example.com").await.problem(404), "not_found");
    // Whoever is shut out can be removed, too.
    let shut = owner.post(&format!("/api/organization/members/{id}/deactivate"), json!({})).await;
    assert_eq!(shut.status, 204);
    assert_eq!(remove(&owner, &id, "bob@example.com").await.status, 204);
    assert_eq!(remove(&owner, &id, "bob@example.com").await.problem(404), "not_found");

    assert_eq!(bob.get("/api/me").await.problem(401), "session_ended");
    assert!(!has(&stored_bytes(&server, "after").await, "bob@example.com"));
    let actions: Vec<_> = trail(&server).await.into_iter().map(|record| record.event).collect();
    let removed = actions.iter().find(|one| one.action.as_str() == "organization.member_removed").unwrap();
    assert_eq!(
        (removed.target.as_str(), serde_json::to_value(removed.actor).unwrap()["user"].as_str()),
        (id.as_str(), Some(server.user.to_string().as_str()))
    );
    assert!(
        actions.iter().any(|one| one.target == credential && one.action.as_str() == "credential.deleted")
    );
    let _ = owner.get(&format!("/api/workflows/{workflow}")).await.expect(200);
}
