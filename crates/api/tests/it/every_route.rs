//! What holds for every operation of the description. A new route without its body here fails.

use flero_testing::{Client, PASSWORD, TestServer};
use serde_json::{Value, json};

use crate::{
    TOKEN,
    mfa::{EMAIL, enrol, login},
};

/// One operation of the description.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) is_open: bool,
    has_body: bool,
    /// Whether a key is not enough: the operation is for a signed-in person.
    pub(crate) is_personal: bool,
}

pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(flero_api::description()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                is_open: operation["security"].as_array().is_some_and(|ways| ways.contains(&json!({}))),
                is_personal: operation["security"] == json!([{"session": []}]),
                has_body: operation.get("requestBody").is_some(),
            });
        }
    }
    assert!(found.len() > 35);
    found
}

/// A body that is right for an operation.
fn body(operation: &Operation) -> Value {
    let document = json!({"name": "x", "nodes": [{"id": "s", "name": "s", "type": "Start"}], "edges": []});
    let credential = json!({"name": "x", "service": "http", "authType": "bearer", "data": {"token": TOKEN}, "allowedHosts": ["api.example.com"]});
    match (operation.method.as_str(), operation.path.as_str()) {
        ("POST", "/api/credentials" | "/api/credentials/test") => credential,
        ("POST", "/api/credentials/oauth/start") => json!({
            "name": "x", "service": "http", "authType": "oauth2", "allowedHosts": ["api.example.com"],
            "parameters": {"authorizationUrl": "https://id.example.com/authorize", "tokenUrl": "https://id.example.com/token", "clientId": "c"},
        }),
        ("POST", "/api/oauth-apps") => {
            json!({"level": "workspace", "service": "github", "parameters": {"clientId": "c"}, "data": {}})
        }
        ("PUT", "/api/oauth-apps/{id}") => json!({"parameters": {"clientId": "c"}, "data": {}}),
        ("POST", "/api/credentials/{id}/rotate") => json!({"data": {"token": TOKEN}}),
        ("POST", "/api/credentials/{id}/scope") => json!({"scope": "workspace"}),
        ("POST", "/api/scope-requests/{id}/reject") => json!({"reason": "x"}),
        ("PATCH", "/api/credentials/{id}") => json!({"name": "y"}),
        (
            "POST",
            "/api/credentials/{id}/test"
            | "/api/credentials/{id}/duplicate"
            | "/api/credentials/{id}/revoke"
            | "/api/credentials/{id}/rollback",
        ) => json!({}),
        ("POST", "/api/workflows") | ("PUT", "/api/workflows/{id}") => document,
        ("POST", "/api/workflows/check") => document,
        ("POST", "/api/workflows/{id}/test") => json!({}),
        ("POST", "/api/expressions/preview") => json!({"value": "{{ 1 }}"}),
        ("POST", "/api/workflows/import-curl") => json!({"command": "curl https://api.example.com"}),
        ("POST", "/api/workflows/{id}/status") => json!({"status": "inactive"}),
        ("POST", "/api/workflows/{id}/run" | "/api/executions/{id}/replay") => json!({}),
        ("POST", "/api/api-keys") => json!({"name": "x", "scopes": ["audit:read"]}),
        ("PUT", "/api/workflows/{id}/event/secret") => json!({"secret": "x"}),
        ("PUT", "/api/variables") => json!({}),
        ("POST", "/api/invites") => json!({"emails": ["x@example.com"], "role": "viewer"}),
        ("PATCH", "/api/members/{userId}") => json!({"role": "viewer"}),
        ("PATCH", "/api/organization/members/{userId}") => json!({"role": "member"}),
        ("POST", "/api/workspaces") | ("PATCH", "/api/workspaces/{id}") => json!({"name": "x"}),
        ("POST", "/api/workspaces/{id}/transfer") => json!({"userId": "usr_01h455vb4pex5vsknk084sn02q"}),
        ("POST", "/api/auth/invite" | "/api/me/invites") => json!({"token": "x"}),
        ("POST", path) if path.ends_with("/options/{input}") => json!({}),
        ("POST", "/api/connectors/import") => {
            json!({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/a": {"get": {}}}})
        }
        ("POST", "/api/marketplace/registries") => {
            json!({"name": "x", "url": "https://x.example", "root": {}})
        }
        ("POST", path) if path.starts_with("/api/marketplace") => json!({}),
        ("POST", "/api/auth/login") => json!({"email": "x@example.com", "password": "x"}),
        ("POST", "/api/auth/register") => json!({"email": "x@example.com", "password": "x", "name": "x"}),
        ("POST", "/api/auth/step-up") => json!({"password": "x"}),
        ("POST", "/api/auth/mfa") => json!({"factor": "totp", "code": "000000"}),
        ("POST", "/api/auth/passkey") => json!({"challenge": "x", "credential": {}}),
        ("POST", "/api/auth/sign-up") => json!({"email": "x@example.com"}),
        ("POST", "/api/me/totp/confirm") => json!({"code": "000000"}),
        ("POST", "/api/me/passkeys") => json!({"name": "x", "challenge": "x", "credential": {}}),
        ("PATCH", "/api/me/passkeys/{id}") => json!({"name": "x"}),
        ("PUT", "/api/organization/policies") => json!({"requireMfa": false}),
        ("POST", "/api/organization/identity-providers") => {
            json!({"name": "x", "issuer": "http://127.0.0.1:1", "clientId": "c", "clientAuthMethod": "none"})
        }
        ("PATCH", "/api/organization/identity-providers/{id}") => json!({"name": "y"}),
        ("POST", "/api/scim/v2/Users") | ("PUT", "/api/scim/v2/Users/{id}") => {
            json!({"userName": "x@example.com"})
        }
        ("POST", "/api/scim/v2/Groups") | ("PUT", "/api/scim/v2/Groups/{id}") => json!({"displayName": "x"}),
        ("PATCH", path) if path.starts_with("/api/scim/v2/") => {
            json!({"Operations": [{"op": "replace", "path": "externalId", "value": "x"}]})
        }
        ("PUT", "/api/organization/group-roles") => json!({"items": []}),
        ("POST", "/api/auth/openid/start" | "/api/me/identities") => {
            json!({"providerId": "idp_01h455vb4pex5vsknk084sn02q"})
        }
        ("POST", "/api/me/password") => json!({"password": "x", "newPassword": "x"}),
        ("POST", "/api/me/notifications/read") => json!({}),
        ("PUT", "/api/me/notifications/settings") => json!({"email": {}}),
        ("POST", "/api/notifications/webhooks") => json!({"url": "https://hooks.example.com/flero"}),
        ("POST", "/api/notifications/webhooks/{id}/test") => json!({}),
        ("PUT", "/api/settings/retention") => json!({"maxCount": 10, "maxAgeDays": 1}),
        (method, path) => panic!("{method} {path} has no body in this test: add one"),
    }
}

/// The path with this object in it; `None` when it names none.
pub(crate) fn with_object(operation: &Operation, id: &str) -> Option<String> {
    let path =
        operation.path.replace("{version}", "1").replace("{host}", "api.example.com").replace("{path}", "x");
    let filled = path.replace("{id}", id).replace("{credentialId}", id).replace("{userId}", id);
    let filled = filled.replace("{attemptId}", id);
    (filled != path).then_some(filled)
}

/// The path with an object of the right kind that does not exist.
pub(crate) fn concrete(operation: &Operation) -> String {
    let missing = missing(operation);
    with_object(operation, &missing).unwrap_or_else(|| operation.path.replace("{path}", "x"))
}

pub(crate) fn kind(operation: &Operation) -> &'static str {
    match operation.path.split('/').nth(2).unwrap() {
        "credentials" if operation.path.contains("{attemptId}") => "oat",
        "credentials" | "proxy" => "cred",
        "oauth-apps" => "oapp",
        "scope-requests" => "scr",
        "workflows" => "wf",
        "executions" => "exec",
        "api-keys" => "key",
        "organization" if operation.path.contains("identity-providers") => "idp",
        "scim" if operation.path.contains("/Groups") => "grp",
        "scim" => "usr",
        "members" | "organization" => "usr",
        "workspaces" => "ws",
        "invites" => "inv",
        "notifications" => "whe",
        _ => "none",
    }
}

fn missing(operation: &Operation) -> String {
    format!("{}_01h455vb4pex5vsknk084sn02q", kind(operation))
}

pub(crate) async fn call(client: &Client, operation: &Operation, path: &str) -> flero_testing::Answer {
    if operation.has_body {
        client.json(&operation.method, path, &body(operation)).await
    } else {
        client.glance(&operation.method, path).await
    }
}

/// Who can do nothing but present a second factor.
const AWAITING: &str = "a session that awaits a factor";

/// Whoever is not known, not any more, or not yet: without a key, with one that never was, that was revoked or has expired,
/// with a session that ended, and with one that awaits a second factor.
async fn strangers(server: &TestServer) -> Vec<(&'static str, Client)> {
    let key = async |until: Value| {
        let body = json!({"name": "k", "scopes": ["workflows:read", "members:write"], "expiresAt": until});
        let made = server.owner.post("/api/api-keys", body).await.expect(201);
        (server.owner.with_key(made["key"].as_str().unwrap()), made["id"].as_str().unwrap().to_owned())
    };
    let (revoked, id) = key(Value::Null).await;
    assert_eq!(server.owner.delete(&format!("/api/api-keys/{id}")).await.status, 204);
    let now = server.app.now();
    let (expired, _) = key(json!(now.plus_millis(1_000))).await;
    server.clock.advance(1_000);
    let ended = server.owner.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(ended.post("/api/auth/logout", json!({})).await.status, 204);
    let _ = enrol(server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    let awaiting = server.owner.with_session(&login(server).await);
    vec![
        ("nobody", server.owner.anonymous()),
        ("no key", server.owner.with_key("flero_000000000000000000000000000000000000")),
        ("a revoked key", revoked),
        ("an expired key", expired),
        ("an ended session", ended),
        (AWAITING, awaiting),
    ]
}

/// Security test 63: every operation refuses a stranger, but for those that are listed here as open.
#[tokio::test]
async fn every_operation_refuses_strangers() {
    let server = TestServer::start().await;
    let strangers = strangers(&server).await;
    for operation in operations() {
        if operation.is_open {
            assert!(
                [
                    "/api/health",
                    "/api/openapi.json",
                    "/webhook/{path}",
                    "/webhook/events/{id}",
                    "/api/auth/login",
                    "/api/auth/invite",
                    "/api/auth/passkey",
                    "/api/auth/passkey/start",
                    "/api/auth/logout",
                    "/api/auth/register",
                    "/api/auth/sign-up",
                    "/api/auth/providers",
                    "/api/auth/openid/start",
                    "/api/auth/openid/{id}/callback",
                    "/oauth/callback/{name}",
                    "/oauth/self-test",
                    "/oauth/done/{attemptId}"
                ]
                .contains(&operation.path.as_str()),
                "{} must not be open",
                operation.path
            );
            continue;
        }
        for (who, client) in &strangers {
            // The second step is what such a session is for.
            if *who == AWAITING && operation.path.starts_with("/api/auth/mfa") {
                continue;
            }
            let answer = call(client, &operation, &concrete(&operation)).await;
            assert_eq!(answer.status, 401, "{who}: {} {}", operation.method, operation.path);
            assert!(answer.headers.contains_key("www-authenticate"));
        }
    }
}

/// Security test 21: foreign, missing and malformed identifiers have one and the same answer, on every route.
#[tokio::test]
async fn a_foreign_object_is_not_told_from_a_missing_one() {
    let server = TestServer::start().await;
    let foreign = foreign_objects(&server).await;
    // A step-up is asked of a key before anything is looked up; a person who just signed in has done it.
    let owner = server.owner.sign_in("ada@example.com", flero_testing::PASSWORD).await;
    for operation in operations().into_iter().filter(|operation| !operation.is_open && !operation.is_personal)
    {
        let Some(path) = with_object(&operation, &missing(&operation)) else { continue };
        let expected = call(&owner, &operation, &path).await;
        let is_head = operation.method == "HEAD";
        assert!(is_head || expected.problem(404) == "not_found", "{} {path}", operation.method);
        for id in [
            // An attempt is its beginner's alone; tests of their own show that.
            foreign[kind(&operation)].as_str().unwrap_or("oat_01h455vb4pex5vsknk084sn02r"),
            "x",
            "..",
            "node_01h455vb4pex5vsknk084sn02q",
            "cred_%00",
        ] {
            let Some(path) = with_object(&operation, id) else { continue };
            let answer = call(&owner, &operation, &path).await;
            assert_eq!(answer.status, 404, "{} {path}", operation.method);
            // A path that holds dots is another address to some clients; the status is all that counts there.
            assert!(
                id == ".." || answer.json() == expected.json(),
                "{} {path}: {}",
                operation.method,
                answer.text()
            );
        }
    }
    let denied = server.owner.get("/api/audit?action=credential.denied&limit=200").await.expect(200);
    let foreign = &foreign["cred"];
    assert!(denied["items"].as_array().unwrap().iter().any(|record| record["target"] == *foreign));
    assert!(
        denied["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|record| record["detail"]["outcome"] == "malformed_id")
    );
}

/// One object of each kind in a workspace where the owner is no member.
async fn foreign_objects(server: &TestServer) -> Value {
    let stranger = server.stranger();
    let document = json!({"name": "x", "nodes": [{"id": "s", "name": "s", "type": "Start"}], "edges": []});
    let workflow = server.app.create_workflow(&stranger, &document).await.unwrap().workflow.id;
    let new = flero_app::credentials::NewCredential {
        name: "Foreign".into(),
        service: "http".into(),
        auth_type: flero_model::credential::AuthType::Bearer,
        scope: flero_model::credential::Scope::Workspace,
        parameters: serde_json::Map::new(),
        data: serde_json::from_value(json!({"token": "foreign-token-1"})).unwrap(),
        allowed_hosts: vec!["api.example.com".into()],
        notes: String::new(),
        expires_at: None,
        rotate_every_days: None,
    };
    let credential = server.app.create_credential(&stranger, new).await.unwrap().id;
    let flero_app::executions::Run::Accepted { id, .. } =
        server.app.run_workflow(&stranger, workflow, json!({}), None).await.unwrap()
    else {
        panic!("the run was waited for")
    };
    json!({"cred": credential, "wf": workflow, "exec": id, "key": "key_01h455vb4pex5vsknk084sn02r",
           "usr": "usr_01h455vb4pex5vsknk084sn02r", "ws": "ws_01h455vb4pex5vsknk084sn02r", "inv": "inv_01h455vb4pex5vsknk084sn02r"})
}

/// Security test 61: a key without the scope is refused on every route, and the scope is named.
#[tokio::test]
async fn every_operation_needs_its_scope() {
    let server = TestServer::start().await;
    // A key for SCIM is made by a person alone.
    let all = flero_model::role::KeyScope::ALL.iter().map(|scope| scope.as_str());
    let all: Vec<&str> = all.filter(|scope| *scope != "scim:provision").collect();
    for operation in operations().into_iter().filter(|operation| !operation.is_open) {
        if operation.is_personal {
            let answer = call(&server.owner, &operation, &concrete(&operation)).await;
            assert_eq!(answer.problem(403), "session_required", "{} {}", operation.method, operation.path);
            continue;
        }
        let Some(needed) = crate::matrix::rule(&operation).map(|rule| rule.scope.as_str()) else { continue };
        let others: Vec<&str> = all.iter().copied().filter(|scope| *scope != needed).collect();
        let client = server.owner.with_key(&crate::key_with(&server, &others).await);
        let answer = call(&client, &operation, &concrete(&operation)).await;
        assert_eq!(answer.status, 403, "{} {}: {}", operation.method, operation.path, answer.text());
        if operation.method != "HEAD" {
            assert_eq!(answer.problem(403), "scope_missing");
            // SCIM's form has no place for it; the detail names it.
            let is_scim = operation.path.starts_with("/api/scim/");
            assert!(is_scim || answer.json()["scope"] == needed, "{}", answer.text());
            assert!(answer.text().contains(needed));
        }
    }
}

#[tokio::test]
async fn every_answer_carries_the_safe_headers() {
    let server = TestServer::start().await;
    for path in ["/api/health", "/api/me", "/api/nope", "/api/credentials/x"] {
        let answer = server.owner.get(path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert!(
            answer.headers.contains_key("x-request-id") && !answer.headers.contains_key("server"),
            "{path}"
        );
    }
    assert_eq!(server.owner.get("/api/nope").await.problem(404), "not_found");
    assert_eq!(server.owner.patch("/api/me", json!({})).await.problem(405), "method_not_allowed");
}
