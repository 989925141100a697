//! Tokens of stored OAuth credentials: asked for once, renewed once, never lost to a passing failure.

use std::time::Duration;

use flero_testing::{Answer, CLIENT_SECRET, Misbehaviour, Provider, TestServer};
use serde_json::{Value, json};

use crate::{chain, made, node};

/// A stored credential and a workflow that calls the provider's API with it.
pub(super) struct World {
    pub(super) server: TestServer,
    pub(super) provider: Provider,
    pub(super) credential: String,
    workflow: String,
}

impl World {
    async fn new() -> Self {
        Self::with_grant("client_credentials").await
    }

    pub(super) async fn with_grant(grant: &str) -> Self {
        Self::patient(grant, Duration::from_secs(10)).await
    }

    /// The same with this patience for the token endpoint.
    pub(super) async fn patient(grant: &str, call: Duration) -> Self {
        let server = TestServer::start_with_patience(call).await;
        let provider = Provider::start().await;
        let credential = if grant == "authorization_code" {
            super::oauth_attempts::connected(&server, &provider).await
        } else {
            let new = server.owner.post("/api/credentials", provider.credential(grant)).await.expect(201);
            new["id"].as_str().unwrap().to_owned()
        };
        let mut call = node(
            "call",
            "HTTPRequest",
            json!({"method": "GET", "url": provider.url("/api/me"), "failOnError": false}),
        );
        call["credentialId"] = json!(credential);
        let workflow = made(&server, chain(vec![node("in", "Start", json!({})), call])).await;
        Self { server, provider, credential, workflow }
    }

    async fn run(&self) -> Value {
        let path = format!("/api/workflows/{}/run?wait=true", self.workflow);
        self.server.owner.post(&path, json!({})).await.expect(200)
    }

    /// The status that the provider's API answered to the node, or the node's error code.
    pub(super) async fn call(&self) -> String {
        let run = self.run().await;
        let call = run["nodes"].as_array().unwrap().iter().find(|node| node["nodeId"] == "call").unwrap();
        match call["output"]["statusCode"].as_u64() {
            Some(status) => status.to_string(),
            None => call["error"]["code"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// The same without a connection of its own for each caller: ten thousand of them are more than a machine accepts at
    /// the same moment.
    async fn call_within(&self) -> String {
        use flero_store::CredentialStore as _;
        let credential = self.server.store.get_credential(self.credential.parse().unwrap()).await.unwrap();
        let who = flero_model::policy::Principal {
            user: self.server.user,
            organization: credential.organization_id,
            workspace: self.server.workspace,
            ..self.server.stranger()
        };
        let workflow = self.workflow.parse().unwrap();
        let run = self.server.app.run_workflow(&who, workflow, json!({}), None).await.unwrap();
        let flero_app::executions::Run::Accepted { id, .. } = run else { panic!("nobody waited: {run:?}") };
        self.server.engine.wait(id, Duration::from_secs(1_500)).await.unwrap();
        let report = self.server.app.get_execution(&who, id).await.unwrap();
        let call = report.nodes.iter().find(|node| node.node_id == "call").unwrap();
        match call.output["statusCode"].as_u64() {
            Some(status) => status.to_string(),
            None => format!("{:?}", call.error),
        }
    }

    /// Takes the lease for a new token as a process that dies then.
    pub(super) async fn take_lease(&self, millis: i64) {
        use flero_model::Clock as _;
        use flero_store::{
            OauthStore as _,
            oauth::{Claim, ClaimRefresh},
        };
        let (id, now) = (self.credential.parse().unwrap(), self.server.clock.now());
        let stored = self.server.store.get_grant(id).await.unwrap().unwrap();
        let claim = ClaimRefresh {
            credential: id,
            revision: stored.grant.revision,
            now,
            until: now.plus_millis(millis),
            at_once: false,
            audit: Vec::new(),
        };
        let claimed = self.server.store.claim_refresh(claim).await.unwrap();
        assert!(matches!(claimed, Claim::Won { may_be_spent: false, .. }), "{claimed:?}");
    }

    pub(super) async fn status(&self) -> Value {
        let path = format!("/api/credentials/{}", self.credential);
        self.server.owner.get(&path).await.expect(200)["status"].clone()
    }

    pub(super) async fn audit(&self) -> String {
        let path = format!("/api/credentials/{}/audit?limit=200", self.credential);
        let answer: Answer = self.server.owner.get(&path).await;
        answer.text()
    }
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_renewed_a_fifth_of_its_life_ahead() {
    let world = World::new().await;
    world.provider.set_life(Some(json!(100)));
    for _ in 0..3 {
        assert_eq!(world.call().await, "200");
    }
    assert_eq!(world.provider.requests().len(), 1);
    let asked = &world.provider.requests()[0];
    assert_eq!((asked["grant_type"].as_str(), asked["scope"].as_str()), ("client_credentials", "read write"));
    // A fifth of 100 s is 20 s, and up to a tenth of that earlier.
    world.server.clock.advance(77_000);
    assert_eq!(world.call().await, "200");
    assert_eq!(world.provider.requests().len(), 1);
    world.server.clock.advance(3_500);
    assert_eq!(world.call().await, "200");
    assert_eq!(world.provider.requests().len(), 2);
    assert!(world.audit().await.contains("credential.refresh_intent"));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_not_again_and_again() {
    let world = World::new().await;
    assert_eq!(world.call().await, "200");
    world.provider.forget_access_tokens();
    assert_eq!(world.call().await, "200", "renewed on 401");
    assert_eq!(world.provider.requests().len(), 2);
    // A service that takes no token at all is not asked for tokens without an end.
    let other = World::new().await;
    assert_eq!(other.call().await, "200");
    for _ in 0..3 {
        other.provider.forget_access_tokens();
        other.provider.misbehave([answer(200, "application/json", r#"{"access_token":"never-taken-91c"}"#)]);
        assert_eq!(other.call().await, "401");
    }
    assert_eq!(other.provider.requests().len(), 2);
}

/// A service that answers 200 to everything says in the words of its description that it does not take a token. That is
/// understood as a 401 is: renewed once, not again and again, and the credential is failing.
#[tokio::test]
async fn a_refusal_in_the_services_own_words_is_understood() {
    let (server, provider, id) = in_words().await;
    let mut call = node("call", "Connector", json!({}));
    call["connector"] = json!("words");
    call["operation"] = json!("me");
    call["credentialId"] = json!(id);
    let workflow = made(&server, chain(vec![node("in", "Start", json!({})), call])).await;
    let run = async || {
        let path = format!("/api/workflows/{workflow}/run?wait=true");
        server.owner.post(&path, json!({})).await.expect(200)["status"].clone()
    };
    assert_eq!(run().await, "success");
    provider.forget_access_tokens();
    assert_eq!(run().await, "success", "renewed, and asked again");
    assert_eq!(provider.requests().len(), 2);
    for _ in 0..3 {
        provider.forget_access_tokens();
        provider.misbehave([answer(200, "application/json", r#"{"access_token":"never-taken-91c"}"#)]);
        assert_eq!(run().await, "failed");
    }
    assert_eq!(provider.requests().len(), 3, "not again and again");
    // What uses say of credentials is written together, at the latest when the engine ends.
    let _ = server.engine.shutdown(Duration::from_secs(5)).await;
    assert_eq!(server.owner.get(&format!("/api/credentials/{id}")).await.expect(200)["status"], "failing");
}

/// A credential of a service that answers 200 to everything, and refuses in words.
async fn in_words() -> (TestServer, Provider, String) {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let flow = json!({"tokenUrl": provider.url("/token"), "scopes": {}});
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "Words", "version": "1"}, "servers": [{"url": provider.url("")}],
        "components": {"securitySchemes": {"account": {"type": "oauth2", "flows": {"clientCredentials": flow}}}},
        "security": [{"account": []}],
        "x-flero": {"errors": {"ok": "/ok", "code": "/error", "codes": {"token_expired": "authentication"}}},
        "paths": {"/words/me": {"get": {"operationId": "me"}}},
    });
    let _ = server.owner.post("/api/connectors/import", document).await.expect(201);
    let new = json!({"name": "x", "service": "words", "authType": "oauth2",
        "parameters": {"clientId": flero_testing::CLIENT_ID}, "data": {"clientSecret": CLIENT_SECRET}});
    let new = server.owner.post("/api/credentials", new).await.expect(201);
    let id = new["id"].as_str().unwrap().to_owned();
    (server, provider, id)
}

/// Words count for a request by hand and for one through the proxy as they do for an operation.
#[tokio::test]
async fn words_count_without_an_operation_too() {
    let (server, provider, id) = in_words().await;
    let mut call = node("call", "HTTPRequest", json!({"method": "GET", "url": provider.url("/words/me")}));
    call["credentialId"] = json!(id);
    let workflow = made(&server, chain(vec![node("in", "Start", json!({})), call])).await;
    let by_hand = async || {
        let run = server.owner.post(&format!("/api/workflows/{workflow}/run?wait=true"), json!({})).await;
        let run = run.expect(200);
        let call = run["nodes"].as_array().unwrap().iter().find(|node| node["nodeId"] == "call").unwrap();
        call["output"]["body"]["ok"].clone()
    };
    let host = provider.url("").replace("http://", "");
    let path = format!("/api/proxy/{id}/{host}/words/me");
    let by_proxy = async || server.owner.get(&path).await.expect(200)["ok"].clone();
    let status =
        async || server.owner.get(&format!("/api/credentials/{id}")).await.expect(200)["status"].clone();
    assert_eq!((by_hand().await, by_proxy().await), (json!(true), json!(true)));
    provider.forget_access_tokens();
    assert_eq!(by_hand().await, json!(true), "renewed, and asked again");
    provider.forget_access_tokens();
    assert_eq!(by_proxy().await, json!(true), "renewed, and asked again");
    assert_eq!(provider.requests().len(), 3);
    assert_eq!(status().await, "active");
    for _ in 0..3 {
        provider.forget_access_tokens();
        provider.misbehave([answer(200, "application/json", r#"{"access_token":"never-taken-91c"}"#)]);
        assert_eq!(by_proxy().await, json!(false), "what the service says is passed on");
    }
    assert_eq!(provider.requests().len(), 4, "not again and again");
    assert_eq!(status().await, "failing");
}

/// The proxy renews a token that a service refuses, as a node does. A short request is sent once more; a long one has gone
/// by, so that its caller sends it again, with the new token.
#[tokio::test]
async fn the_proxy_renews_a_refused_token() {
    let world = World::new().await;
    let host = world.provider.url("").replace("http://", "");
    let path = format!("/api/proxy/{}/{host}/api/me", world.credential);
    let ask = async |length: usize| {
        let headers = [("content-type", "text/plain")];
        let body = "x".repeat(length);
        world.server.owner.send("POST", &path, &headers, body).await.status.as_u16()
    };
    assert_eq!(ask(5).await, 200);
    world.provider.forget_access_tokens();
    assert_eq!(ask(5).await, 200, "renewed, and sent again");
    assert_eq!(world.provider.requests().len(), 2);
    let long = (64 << 10) + 1;
    world.provider.forget_access_tokens();
    assert_eq!((ask(long).await, world.provider.requests().len()), (401, 3), "renewed, and not sent again");
    assert_eq!((ask(long).await, world.provider.requests().len()), (200, 3));
    world.provider.forget_access_tokens();
    assert_eq!(world.server.owner.get(&path).await.status, 200);
    assert_eq!((world.provider.requests().len(), world.status().await), (4, json!("active")));
}

pub(super) fn answer(status: u16, kind: &str, body: &str) -> Misbehaviour {
    Misbehaviour {
        status,
        content_type: kind.into(),
        headers: Vec::new(),
        body: body.as_bytes().to_vec().into(),
    }
}

/// What happens to the one who asks for a new token while many wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    /// Nothing, at a service that rotates refresh tokens and ends the whole family when an old one comes again.
    RotatingFamily,
    /// The answer breaks off; the service does not rotate.
    AnswerLost,
    /// Its process is killed under the lease, before it asked; the service rotates too.
    WinnerKilled,
    /// The service takes its time: a second here, half a minute in the long run.
    SlowService,
}

/// Security test 51: however many runs want a new token, it is asked for once, and none of them fails: also when the
/// service rotates, when an answer is lost (then it is asked for once more), when whoever asked is killed, and when the
/// service takes half a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_runs_with_one_expired_token_ask_once() {
    let is_long = std::env::var_os("FLERO_SOAK").is_some();
    let count = if is_long { 10_000 } else { 1_000 };
    for mishap in [Mishap::RotatingFamily, Mishap::AnswerLost, Mishap::WinnerKilled, Mishap::SlowService] {
        let world = World::patient("authorization_code", Duration::from_secs(60)).await;
        let world = std::sync::Arc::new(world);
        world.provider.set_rotating(mishap != Mishap::AnswerLost);
        assert_eq!(world.call().await, "200");
        let before = world.provider.requests().len();
        world.server.clock.advance(3_600_000);
        world.provider.set_delay(Duration::from_millis(match mishap {
            Mishap::SlowService if is_long => 30_000,
            Mishap::SlowService => 1_000,
            _ => 300,
        }));
        let expected = match mishap {
            Mishap::AnswerLost => {
                world.provider.lose_answers(1);
                2
            }
            Mishap::WinnerKilled => {
                world.take_lease(60_000).await;
                1
            }
            Mishap::RotatingFamily | Mishap::SlowService => 1,
        };
        let runs: Vec<_> = (0..count)
            .map(|_| {
                let world = std::sync::Arc::clone(&world);
                tokio::spawn(
                    async move { if is_long { world.call_within().await } else { world.call().await } },
                )
            })
            .collect();
        if mishap == Mishap::WinnerKilled {
            tokio::time::sleep(Duration::from_millis(500)).await;
            assert_eq!(world.provider.requests().len(), before, "the lease of the dead is waited for");
            world.server.clock.advance(60_001);
        }
        for run in runs {
            assert_eq!(run.await.unwrap(), "200", "{mishap:?}");
        }
        assert_eq!(world.provider.requests().len() - before, expected, "{mishap:?}");
        assert_eq!(world.provider.ended_families(), 0, "{mishap:?}");
    }
}

/// An answer that comes a byte at a time is not waited for without an end, and costs no grant.
#[tokio::test]
async fn a_slow_drip_ends_with_the_patience_for_the_endpoint() {
    let world = World::patient("client_credentials", Duration::from_millis(400)).await;
    world.provider.set_drip(Some(Duration::from_millis(50)));
    let began = std::time::Instant::now();
    assert_eq!(world.call().await, "credential.token_unavailable");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(world.status().await, "active");
    world.provider.set_drip(None);
    world.server.clock.advance(2_000);
    assert_eq!(world.call().await, "200");
}

/// A clock that is off makes signed requests invalid; the error says so, and what to do.
#[tokio::test]
async fn a_clock_that_is_an_hour_off_is_named_as_the_reason() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let mut body = provider.credential("client_credentials");
    body["parameters"]["clientAuthMethod"] = json!("private_key_jwt");
    body["parameters"]["testUrl"] = json!(provider.url("/api/me"));
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    body["data"] = json!({ "privateKey": key });
    for (minutes, says_clock) in [(60, true), (-60, true), (0, false)] {
        server.clock.show_true_time();
        server.clock.advance(minutes * 60_000);
        let tested = server.owner.post("/api/credentials/test", body.clone()).await.expect(200);
        let is_said = tested["message"].as_str().unwrap().contains("clock");
        assert_eq!(is_said, says_clock, "{tested}");
    }
}

/// Security test 53: a failure that passes destroys no grant, and the next use goes on.
#[tokio::test]
async fn a_passing_failure_keeps_the_grant() {
    let world = World::with_grant("authorization_code").await;
    assert_eq!(world.call().await, "200");
    let html = "<html><b>busy</b></html>";
    for (name, misbehaviour) in [
        ("500", answer(500, "text/html", html)),
        ("502", answer(502, "", "")),
        ("429", answer(429, "application/json", "{}")),
        ("html with 200", answer(200, "text/html", html)),
        ("temporarily", answer(503, "application/json", r#"{"error":"temporarily_unavailable"}"#)),
        ("server_error", answer(400, "application/json", r#"{"error":"server_error"}"#)),
        ("empty", answer(200, "application/json", "")),
        ("cut", answer(200, "application/json", r#"{"access_token":"#)),
    ] {
        world.server.clock.advance(3_600_000);
        world.provider.misbehave([misbehaviour.clone(), misbehaviour.clone(), misbehaviour]);
        assert_eq!(world.call().await, "credential.token_unavailable", "{name}");
        assert_eq!(world.status().await, "active", "{name}");
        world.server.clock.advance(1_100);
        assert_eq!(world.call().await, "200", "{name}: the next use goes on");
    }
    // A token that still lives is used while its renewal fails.
    world.server.clock.advance(3_600_000 - 30_000);
    world.provider.set_down(true);
    assert_eq!(world.provider.requests().last().unwrap()["grant_type"], "refresh_token");
    let before = world.provider.requests().len();
    assert_eq!(world.call().await, "200");
    assert!(world.provider.requests().len() > before);
}

/// What a service says of when to come back is obeyed, up to a quarter of an hour.
#[tokio::test]
async fn a_service_that_says_when_to_come_back_is_not_asked_before() {
    let world = World::new().await;
    for (says, pause) in [("120", 120_000), ("999999", 900_000)] {
        let mut busy = answer(429, "application/json", "{}");
        busy.headers.push(("retry-after".into(), says.into()));
        world.provider.misbehave([busy]);
        let before = world.provider.requests().len();
        assert_eq!(world.call().await, "credential.token_unavailable");
        world.server.clock.advance(pause - 1);
        assert_eq!(world.call().await, "credential.token_unavailable");
        assert_eq!(world.provider.requests().len() - before, 1, "{says}");
        world.server.clock.advance(1);
        assert_eq!(world.call().await, "200");
        world.server.clock.advance(3_600_000);
    }
}

/// Credentials that were connected at the same moment are not renewed at the same moment.
#[tokio::test]
async fn tokens_that_were_given_together_are_due_at_different_times() {
    use flero_store::OauthStore as _;
    let (server, provider) = (TestServer::start().await, Provider::start().await);
    let mut due = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let new = server.owner.post("/api/credentials", provider.credential("client_credentials")).await;
        let id = new.expect(201)["id"].as_str().unwrap().to_owned();
        let path = format!("/api/proxy/{id}/{}/api/me", provider.address);
        assert_eq!(server.owner.get(&path).await.status, 200);
        due.insert(server.store.get_grant(id.parse().unwrap()).await.unwrap().unwrap().grant.refresh_at);
    }
    assert!(due.len() > 1, "{due:?}");
}

/// A token that a service gave is kept trying to be stored while the vault or the database cannot take it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_not_lost_to_a_moment_without_the_vault() {
    let world = std::sync::Arc::new(World::with_grant("authorization_code").await);
    world.provider.set_rotating(true);
    world.server.clock.advance(3_600_000);
    world.provider.set_delay(Duration::from_millis(400));
    let before = world.provider.requests().len();
    let run = std::sync::Arc::clone(&world);
    let run = tokio::spawn(async move { run.call().await });
    while world.provider.requests().len() == before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.server.keyring.seal_vault("closed by the test");
    tokio::time::sleep(Duration::from_millis(700)).await;
    world.server.unseal().await;
    assert_eq!(run.await.unwrap(), "200");
    assert_eq!((world.provider.requests().len() - before, world.provider.ended_families()), (1, 0));
}

#[tokio::test]
async fn a_failure_that_passes_at_once_is_not_seen() {
    let world = World::new().await;
    world.provider.misbehave([answer(503, "", ""), answer(502, "text/html", "x")]);
    assert_eq!(world.call().await, "200");
    assert_eq!(world.provider.requests().len(), 3);
}

#[tokio::test]
async fn a_grant_that_the_service_ended_expires_the_credential() {
    let world = World::with_grant("authorization_code").await;
    world.provider.forget_grants();
    world.server.clock.advance(3_600_000);
    assert_eq!(world.call().await, "credential.reconnect_required");
    assert_eq!(world.status().await, "expired");
    let before = world.provider.requests().len();
    assert_eq!(world.call().await, "credential.reconnect_required");
    assert_eq!(world.provider.requests().len(), before, "nobody asks again");
    assert!(world.audit().await.contains("invalid_grant"));
}

/// The answers of a misbehaving provider: what it sends, what comes of it, and the credential's status afterwards.
#[tokio::test]
async fn every_misbehaviour_has_its_one_outcome() {
    let world = World::new().await;
    let error = |code: &str| {
        answer(400, "application/json", &format!(r#"{{"error":"{code}","error_description":"<script>"}}"#))
    };
    let token = |rest: &str| {
        answer(200, "application/json", &format!(r#"{{"access_token":"odd-token-77aa"{rest}}}"#))
    };
    let big = format!(r#"{{"access_token":"x","filler":"{}"}}"#, "a".repeat(1 << 20));
    let (refused, unavailable) = ("credential.token_refused", "credential.token_unavailable");
    // A grant that needs nobody does not expire: the client is refused, and may be taken again.
    let ended = "credential.reconnect_required";
    for (name, misbehaviour, code) in [
        ("invalid_request", error("invalid_request"), refused),
        ("invalid_client", error("invalid_client"), refused),
        ("unauthorized_client", error("unauthorized_client"), refused),
        ("unsupported_grant_type", error("unsupported_grant_type"), refused),
        ("invalid_scope", error("invalid_scope"), refused),
        ("invalid_target", error("invalid_target"), refused),
        ("unsupported_response_type", error("unsupported_response_type"), refused),
        ("invalid_dpop_proof", error("invalid_dpop_proof"), refused),
        ("admin_consent_required", error("admin_consent_required"), refused),
        ("invalid_grant", error("invalid_grant"), ended),
        ("access_denied", error("access_denied"), ended),
        ("expired_token", error("expired_token"), ended),
        ("interaction_required", error("interaction_required"), ended),
        ("login_required", error("login_required"), ended),
        ("consent_required", error("consent_required"), ended),
        ("account_selection_required", error("account_selection_required"), ended),
        ("server_error", error("server_error"), unavailable),
        ("temporarily_unavailable", error("temporarily_unavailable"), unavailable),
        ("authorization_pending", error("authorization_pending"), unavailable),
        ("slow_down", error("slow_down"), unavailable),
        ("use_dpop_nonce without a nonce", error("use_dpop_nonce"), unavailable),
        ("a code of its own", error("quota_gone"), refused),
        ("401 without a body", answer(401, "", ""), refused),
        ("redirect 307", redirect(307), refused),
        ("redirect 302", redirect(302), refused),
        (
            "200 with an error",
            answer(200, "application/json", r#"{"ok":false,"error":"bad_client"}"#),
            refused,
        ),
        ("mac tokens", token(r#","token_type":"mac""#), refused),
        ("no access token", answer(200, "application/json", "{}"), unavailable),
        (
            "a token with a line break",
            answer(200, "application/json", "{\"access_token\":\"a\\nb\"}"),
            unavailable,
        ),
        ("a megabyte", answer(200, "application/json", &big), unavailable),
        ("a list", answer(200, "application/json", "[]"), unavailable),
        ("life missing", token(""), "401"),
        ("life as text", token(r#","expires_in":"3600""#), "401"),
        ("life negative", token(r#","expires_in":-5"#), "401"),
        ("life huge", token(r#","expires_in":1e300"#), "401"),
        ("life no number", token(r#","expires_in":{"a":1}"#), "401"),
        ("scope as list", token(r#","scope":["a","b"]"#), "401"),
        (
            "a form",
            answer(200, "application/x-www-form-urlencoded", "access_token=form-token-5c&expires_in=60"),
            "401",
        ),
        ("a form as plain text", answer(200, "text/plain", "access_token=form-token-5d"), "401"),
        ("json as text/html", answer(200, "text/html", r#"{"access_token":"html-token-5e"}"#), "401"),
    ] {
        // Every case begins without a token, and what is asked again gets the same answer.
        let body = world.provider.credential("client_credentials");
        let patch = json!({"data": body["data"]});
        let path = format!("/api/credentials/{}", world.credential);
        let _ = world.server.owner.json("PATCH", &path, &patch).await.expect(200);
        world.provider.misbehave(std::iter::repeat_n(misbehaviour, 12));
        assert_eq!(world.call().await, code, "{name}");
        // What a service says of a token is noted by the engine in the background, and not looked at here.
        let status = if [refused, ended].contains(&code) { "failing" } else { "active" };
        assert_eq!(world.status().await, status, "{name}");
        world.server.clock.advance(120_000);
        world.provider.clear_misbehaviour();
    }
    assert!(!world.audit().await.contains("<script>"));
}

fn redirect(status: u16) -> Misbehaviour {
    let mut answer = answer(status, "", "");
    answer.headers.push(("location".into(), "http://127.0.0.1:9/elsewhere".into()));
    answer
}

/// Security test 54: the grant is revoked with its credential, once, however long the service was down.
#[tokio::test]
async fn a_deleted_credential_is_revoked_at_its_service_when_that_is_up_again() {
    for act in ["revoke", "delete"] {
        let world = World::with_grant("authorization_code").await;
        assert_eq!(world.call().await, "200");
        world.provider.set_down(true);
        let path = format!("/api/credentials/{}", world.credential);
        if act == "revoke" {
            let _ = world.server.owner.post(&format!("{path}/revoke"), json!({})).await.expect(200);
        } else {
            assert_eq!(world.server.owner.delete(&path).await.status, 204);
        }
        for _ in 0..30 {
            world.server.clock.advance(120_000);
            world.server.app.sweep_oauth().await.unwrap();
        }
        assert!(world.provider.revocations().is_empty());
        world.provider.set_down(false);
        for _ in 0..3 {
            world.server.clock.advance(3_700_000);
            world.server.app.sweep_oauth().await.unwrap();
        }
        let revoked = world.provider.revocations();
        assert_eq!(revoked.len(), 2, "{act}: {}", revoked.len());
        assert!(revoked[0].starts_with("refresh-canary") && revoked[1].starts_with("access-canary"));
    }
}

/// A test of the connection that is not stored asks for a token of its own and keeps it nowhere.
#[tokio::test]
async fn a_client_is_tested_before_it_is_saved() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let mut new = provider.credential("client_credentials");
    new["parameters"]["testUrl"] = json!(provider.url("/api/me"));
    let tested = server.owner.post("/api/credentials/test", new.clone()).await.expect(200);
    assert_eq!(tested["verdict"], "accepted", "{tested}");
    new["data"]["clientSecret"] = json!("another-secret-0000");
    let tested = server.owner.post("/api/credentials/test", new).await.expect(200);
    assert_eq!(tested["verdict"], "refused", "{tested}");
    assert!(tested["message"].as_str().unwrap().contains("invalid_client"), "{tested}");
}

/// Tokens stand nowhere in the clear: not in the database, not in what the API tells.
#[tokio::test]
async fn no_token_is_found_in_any_file_or_answer() {
    let world = World::with_grant("authorization_code").await;
    let run = world.run().await.to_string();
    world.server.clock.advance(3_600_000);
    assert_eq!(world.call().await, "200");
    let mut told = vec![run, world.audit().await];
    for path in ["/api/audit?limit=200", "/api/credentials", "/api/executions"] {
        told.push(world.server.owner.get(path).await.text());
    }
    let mut bytes = told.join("\n").into_bytes();
    for entry in std::fs::read_dir(world.server.folder()).unwrap().flatten() {
        bytes.extend(std::fs::read(entry.path()).unwrap_or_default());
    }
    for canary in ["access-canary", "refresh-canary", "code-canary", CLIENT_SECRET, "Bearer access"] {
        let hits = bytes.windows(canary.len()).filter(|window| *window == canary.as_bytes()).count();
        assert_eq!(hits, 0, "{canary}");
    }
    assert!(bytes.windows(10).any(|window| window == b"[REDACTED]") || told[0].contains("youSent"));
}

/// A restored installation renews nothing until it is resumed: where refresh tokens rotate, that would end the grants of
/// the one that the backup was taken of.
#[tokio::test]
async fn a_paused_installation_renews_no_token() {
    use flero_store::PeopleStore as _;
    let world = World::with_grant("authorization_code").await;
    assert_eq!(world.call().await, "200");
    let before = world.provider.served();
    world.server.store.set_paused(true, vec![]).await.unwrap();
    assert_eq!(world.call().await, "200", "a token that lives is used");
    world.server.clock.advance(3_600_000);
    assert_eq!(world.call().await, "credential.installation_paused");
    assert_eq!(world.provider.served(), before);
    world.server.store.set_paused(false, vec![]).await.unwrap();
    assert_eq!(world.call().await, "200");
    assert_eq!(world.provider.served(), before + 1);
}
