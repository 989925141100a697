//! The policies of an organization besides factors and the age of secrets: each holds at its one place.

use flero_testing::{Client, PASSWORD, Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, bearer, chain, matrix::guest, mfa::EMAIL, node, stored};

const POLICIES: &str = "/api/organization/policies";

async fn ada(server: &TestServer) -> Client {
    server.owner.sign_in(EMAIL, PASSWORD).await
}

/// The code and the place of the first wrong field.
fn fault(answer: &flero_testing::Answer) -> (String, String) {
    let problem = &answer.expect(422)["errors"][0];
    (problem["code"].as_str().unwrap().to_owned(), problem["pointer"].as_str().unwrap().to_owned())
}

fn at(code: &str, pointer: &str) -> (String, String) {
    (code.to_owned(), pointer.to_owned())
}

#[tokio::test]
async fn only_addresses_of_the_organizations_domains_are_invited_and_join() {
    let server = TestServer::start().await;
    let ada = ada(&server).await;
    let invite = |email: &str| {
        let (ada, body) = (ada.clone(), json!({"emails": [email], "role": "viewer"}));
        async move { ada.post("/api/invites", body).await }
    };
    let before = invite("eve@elsewhere.test").await.expect(201);
    let _ = ada.put(POLICIES, json!({"inviteDomains": ["Example.com"]})).await.expect(200);
    assert_eq!(ada.get(POLICIES).await.expect(200)["inviteDomains"], json!(["example.com"]));
    for email in ["eve@elsewhere.test", "eve@sub.example.com", "eve@example.com.elsewhere.test"] {
        assert_eq!(fault(&invite(email).await), at("invite.domain", "/emails/0"), "{email}");
    }
    let _ = invite("grace@example.com").await.expect(201);
    // An invitation that is out is not better.
    let token = before["items"][0]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let body = json!({"name": "Eve", "email": "eve@elsewhere.test", "password": "a guest's own sentence 7", "inviteToken": token});
    assert_eq!(ada.anonymous().post("/api/auth/register", body).await.problem(404), "invite_invalid");
    assert_eq!(
        fault(&ada.put(POLICIES, json!({"inviteDomains": ["no domain"]})).await),
        at("policy.domain", "/inviteDomains/0")
    );
}

#[tokio::test]
async fn a_session_lasts_as_long_as_the_organization_says() {
    let server = TestServer::start().await;
    let (grace, _) = guest(&server, "grace@example.com", "editor").await;
    let ada = ada(&server).await;
    let _ = ada.put(POLICIES, json!({"sessionHours": 2})).await.expect(200);
    // Nobody rests long enough to be signed out for that.
    for pause in [1_800_000, 1_800_000, 1_800_000, 1_799_999] {
        server.clock.advance(pause);
        let _ = grace.get("/api/workflows").await.expect(200);
        let _ = ada.get("/api/workflows").await.expect(200);
    }
    server.clock.advance(1);
    // A session that was there before the policy, too.
    assert_eq!(grace.get("/api/workflows").await.problem(401), "session_ended");
    assert_eq!(ada.get(POLICIES).await.problem(401), "session_ended");
    let ada = self::ada(&server).await;
    assert_eq!(
        fault(&ada.put(POLICIES, json!({"sessionHours": 0})).await),
        at("json.range", "/sessionHours")
    );
    let _ = ada.put(POLICIES, json!({})).await.expect(200);
    for _ in 0..5 {
        server.clock.advance(1_800_000);
        let _ = ada.get("/api/workflows").await.expect(200);
    }
}

#[tokio::test]
async fn a_workflow_with_a_pasted_secret_is_not_saved() {
    let server = TestServer::start().await;
    let ada = ada(&server).await;
    let token = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    let call =
        json!({"url": "https://api.github.com", "headers": {"Authorization": format!("Bearer {token}")}});
    let document = chain(vec![node("s", "Start", json!({})), node("call", "HTTPRequest", call)]);
    let id = crate::made(&server, document.clone()).await;
    let _ = ada.put(POLICIES, json!({"blockPastedSecrets": true})).await.expect(200);
    for answer in [
        server.owner.post("/api/workflows", document.clone()).await,
        server.owner.put(&format!("/api/workflows/{id}"), document).await,
        server.owner.post(&format!("/api/workflows/{id}/versions/1/rollback"), json!({})).await,
    ] {
        assert_eq!(fault(&answer), at("workflow.pasted_secret", "/nodes/1/parameters/headers/Authorization"));
        assert!(!answer.text().contains(&token));
    }
}

#[tokio::test]
async fn only_the_organizations_services_are_taken() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let ada = ada(&server).await;
    let id = stored(&server, &service).await;
    let _ = ada.put(POLICIES, json!({"allowedConnectors": ["slack"]})).await.expect(200);
    for path in ["/api/credentials", "/api/credentials/test"] {
        let answer = server.owner.post(path, bearer(&service)).await;
        assert_eq!(fault(&answer), at("policy.connector", "/service"), "{path}");
    }
    // What is there goes on, and does not become one of another service.
    let path = format!("/api/credentials/{id}");
    let _ = server.owner.patch(&path, json!({"name": "Renamed"})).await.expect(200);
    assert_eq!(
        fault(&server.owner.patch(&path, json!({"service": "github"})).await),
        at("policy.connector", "/service")
    );
    let copy = server.owner.post(&format!("{path}/duplicate"), json!({})).await;
    assert_eq!(fault(&copy), at("policy.connector", "/service"), "a copy is a new credential");
    let mut call = node("call", "Connector", json!({}));
    call["connector"] = json!("github");
    call["operation"] = json!("users_get-authenticated");
    let document = chain(vec![node("s", "Start", json!({})), call]);
    let answer = server.owner.post("/api/workflows", document).await;
    assert_eq!(fault(&answer), at("policy.connector", "/nodes/1/connector"));
}

#[tokio::test]
async fn personal_credentials_are_for_whom_the_organization_says() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let (editor, _) = guest(&server, "editor@example.com", "editor").await;
    let ada = ada(&server).await;
    let mut personal = bearer(&service);
    personal["scope"] = json!("personal");
    let _ = editor.post("/api/credentials", personal.clone()).await.expect(201);
    let refused = at("policy.personal_credentials", "/scope");
    let _ = ada.put(POLICIES, json!({"personalCredentials": "admins"})).await.expect(200);
    assert_eq!(fault(&editor.post("/api/credentials", personal.clone()).await), refused);
    let _ = ada.post("/api/credentials", personal.clone()).await.expect(201);
    let _ = ada.put(POLICIES, json!({"personalCredentials": "nobody"})).await.expect(200);
    assert_eq!(fault(&ada.post("/api/credentials", personal).await), refused);
    // By no other way either.
    let id = stored(&server, &service).await;
    let narrower: Value = json!({"scope": "personal"});
    for act in ["duplicate", "scope"] {
        let answer = ada.post(&format!("/api/credentials/{id}/{act}"), narrower.clone()).await;
        assert_eq!(fault(&answer), refused, "{act}");
    }
    let _ = ada.post("/api/credentials", bearer(&service)).await.expect(201);
    assert_eq!(
        ada.put(POLICIES, json!({"personalCredentials": "some"})).await.problem(422),
        "invalid_fields"
    );
}

/// The policy about hosts holds for nodes with and without a credential, tests, the proxy, the addresses that tokens come
/// from, and notification webhooks; a refused use stands in the audit trail.
#[tokio::test]
async fn nothing_of_an_organization_calls_a_host_that_is_not_listed() {
    let server = TestServer::start().await;
    let (listed, other) = (Service::start(TOKEN).await, Service::start(TOKEN).await);
    let provider = flero_testing::Provider::start().await;
    let ada = ada(&server).await;
    let credential = stored(&server, &other).await;
    let mut granted = provider.credential("client_credentials");
    granted["allowedHosts"] = json!([listed.host()]);
    let granted = ada.post("/api/credentials", granted).await.expect(201)["id"].clone();
    let run = async |url: String, credential: Option<&Value>| {
        let mut call = node("call", "HTTPRequest", json!({ "url": url }));
        if let Some(id) = credential {
            call["credentialId"] = id.clone();
        }
        let id = crate::made(&server, chain(vec![node("s", "Start", json!({})), call])).await;
        let ran = ada.post(&format!("/api/workflows/{id}/run?wait=true"), json!({})).await.expect(200);
        ran["error"]["code"].as_str().unwrap_or("none").to_owned()
    };
    let secret = json!(credential);
    assert_eq!(run(other.url("/me"), Some(&secret)).await, "none");
    let before = (other.seen().len(), provider.requests().len());
    let _ = ada.put(POLICIES, json!({"allowedEgressHosts": [listed.host()]})).await.expect(200);

    assert_eq!(run(listed.url("/me"), None).await, "http.status", "it was asked, and wants the secret");
    assert_eq!(run(other.url("/me"), None).await, "egress.policy");
    assert_eq!(run(other.url("/me"), Some(&secret)).await, "egress.policy");
    assert_eq!(
        run(listed.url("/me"), Some(&granted)).await,
        "egress.policy",
        "its tokens come from elsewhere"
    );
    let test = ada.post(&format!("/api/credentials/{credential}/test"), json!({})).await.expect(200);
    assert_ne!(test["verdict"], "accepted", "{test}");
    let host = other.url("").replace("http://", "");
    let proxied = ada.get(&format!("/api/proxy/{credential}/{}/me", host.trim_end_matches('/'))).await;
    assert_eq!(proxied.problem(403), "destination_refused");
    assert_eq!(proxied.json()["reason"], "egress.policy");
    let hook = ada.post("/api/notifications/webhooks", json!({"url": other.url("/hook")})).await;
    assert_eq!(fault(&hook), at("notification.url", "/url"));
    assert_eq!((other.seen().len(), provider.requests().len()), before, "nothing was sent");
    let refused = ada.get("/api/audit?action=credential.use_refused").await.expect(200);
    assert_eq!(refused["items"][0]["detail"]["outcome"], "egress.policy");

    let wrong = ada.put(POLICIES, json!({"allowedEgressHosts": ["https://example.com/path"]})).await;
    assert_eq!(wrong.expect(422)["errors"][0]["pointer"], "/allowedEgressHosts/0");
    let _ = ada.put(POLICIES, json!({})).await.expect(200);
    assert_eq!(run(other.url("/me"), Some(&secret)).await, "none");
}
