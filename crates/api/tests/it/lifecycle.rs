//! What time does to credentials: grace periods, ends, warnings, reminders, the maximum age.

use flero_store::KeyStore as _;
use flero_testing::{PASSWORD, Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, bearer, mfa::EMAIL, stored};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const NEXT: &str = "canary-next-77ab10cd93";

/// Runs the sweep, and gives the actions that were recorded about a credential since, the oldest first.
async fn swept(server: &TestServer, id: &str) -> Vec<(String, Value)> {
    let before = records(server, id).await.len();
    server.app.sweep_credentials().await.unwrap();
    records(server, id).await.split_off(before)
}

async fn records(server: &TestServer, id: &str) -> Vec<(String, Value)> {
    let page = server.owner.get(&format!("/api/credentials/{id}/audit?limit=200")).await.expect(200);
    let items = page["items"].as_array().unwrap().iter().rev();
    items.map(|one| (one["action"].as_str().unwrap().to_owned(), one["detail"].clone())).collect()
}

async fn verdict(server: &TestServer, id: &str) -> String {
    let tested = server.owner.post(&format!("/api/credentials/{id}/test"), json!({})).await.expect(200);
    tested["verdict"].as_str().unwrap().to_owned()
}

async fn rotate(server: &TestServer, id: &str, body: Value) -> flero_testing::Answer {
    server.owner.post(&format!("/api/credentials/{id}/rotate"), body).await
}

async fn put_back(server: &TestServer, id: &str) -> flero_testing::Answer {
    server.owner.post(&format!("/api/credentials/{id}/rollback"), json!({})).await
}

/// How many secrets of a credential are stored.
async fn secrets(server: &TestServer, id: &str) -> usize {
    let all = server.store.all_sealed(None, 100).await.unwrap();
    all.into_iter().filter(|sealed| sealed.address.owner == id).count()
}

#[tokio::test]
async fn a_rotated_secret_can_be_put_back_within_its_grace_period() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    assert_eq!(put_back(&server, &id).await.problem(409), "no_former_secret");
    // A secret that the service refuses does not take over, and nothing is kept.
    assert_eq!(
        rotate(&server, &id, json!({"data": {"token": NEXT}})).await.problem(422),
        "credential_refused"
    );
    assert_eq!(secrets(&server, &id).await, 1);

    let body = json!({"data": {"token": NEXT}, "force": true, "graceHours": 2});
    let rotated = rotate(&server, &id, body).await.expect(200);
    assert!(rotated["formerKeptUntil"].is_string(), "{rotated}");
    assert_eq!((verdict(&server, &id).await.as_str(), secrets(&server, &id).await), ("refused", 2));
    let restored = put_back(&server, &id).await.expect(200);
    assert_eq!((&restored["formerKeptUntil"], &restored["status"]), (&Value::Null, &json!("active")));
    assert_eq!((verdict(&server, &id).await.as_str(), secrets(&server, &id).await), ("accepted", 1));
    assert_eq!(put_back(&server, &id).await.problem(409), "no_former_secret");
    let actions: Vec<String> = records(&server, &id).await.into_iter().map(|(action, _)| action).collect();
    assert!(actions.contains(&"credential.rolled_back".to_owned()), "{actions:?}");
}

#[tokio::test]
async fn a_former_secret_is_destroyed_when_its_grace_period_has_passed() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    let body = json!({"data": {"token": NEXT}, "force": true});
    let _ = rotate(&server, &id, body.clone()).await.expect(200);
    server.clock.advance(24 * HOUR - 1);
    assert_eq!(swept(&server, &id).await, []);
    assert_eq!(secrets(&server, &id).await, 2);
    server.clock.advance(1);
    // It is over before the sweep has come by.
    assert_eq!(put_back(&server, &id).await.problem(409), "no_former_secret");
    let swept = swept(&server, &id).await;
    assert_eq!(swept.len(), 1, "{swept:?}");
    assert_eq!(
        (swept[0].0.as_str(), &swept[0].1["secretRevision"]),
        ("credential.former_destroyed", &json!(1))
    );
    assert_eq!(secrets(&server, &id).await, 1);
    // Without a grace period nothing stays.
    let mut at_once = body.clone();
    at_once["graceHours"] = json!(0);
    let rotated = rotate(&server, &id, at_once).await.expect(200);
    assert_eq!((&rotated["formerKeptUntil"], secrets(&server, &id).await), (&Value::Null, 1));
    let mut too_long = body;
    too_long["graceHours"] = json!(721);
    let refused = rotate(&server, &id, too_long).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/graceHours");
}

/// Security test 20: a policy that became narrower does not become wider again with a former secret.
#[tokio::test]
async fn an_edit_of_the_policy_or_the_secret_takes_the_former_secret_along() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let mut body = bearer(&service);
    body["allowedHosts"] = json!([service.host(), "api.example.com"]);
    for edit in [
        json!({"allowedHosts": [service.host()]}),
        json!({"data": {"token": "another-token-5"}}),
        json!({"scope": "personal"}),
    ] {
        let made = server.owner.post("/api/credentials", body.clone()).await.expect(201);
        let id = made["id"].as_str().unwrap();
        let _ = rotate(&server, id, json!({"data": {"token": NEXT}, "force": true})).await.expect(200);
        let path = format!("/api/credentials/{id}");
        let answer = if edit.get("scope").is_some() {
            server.owner.post(&format!("{path}/scope"), edit.clone()).await
        } else {
            server.owner.json("PATCH", &path, &edit).await
        };
        let _ = answer.expect(200);
        assert_eq!(put_back(&server, id).await.problem(409), "no_former_secret", "{edit}");
        assert_eq!(secrets(&server, id).await, 1, "{edit}");
    }
    // What says nothing of the secret leaves it alone.
    let id = stored(&server, &service).await;
    let _ = rotate(&server, &id, json!({"data": {"token": NEXT}, "force": true})).await.expect(200);
    let named = json!({"name": "Other", "notes": "x"});
    let _ = server.owner.json("PATCH", &format!("/api/credentials/{id}"), &named).await.expect(200);
    server.exchange_scope_key(&id).await;
    let _ = put_back(&server, &id).await.expect(200);
    assert_eq!(verdict(&server, &id).await, "accepted");
}

#[tokio::test]
async fn parameters_that_changed_with_the_secret_come_back_with_it() {
    let server = TestServer::start().await;
    let body = json!({
        "name": "x", "service": "http", "authType": "basic", "parameters": {"username": "ada"},
        "data": {"password": "s3cret-of-ada-1"}, "allowedHosts": ["api.example.com"],
    });
    let made = server.owner.post("/api/credentials", body).await.expect(201);
    let id = made["id"].as_str().unwrap();
    let next = json!({"data": {"password": "s3cret-of-grace-1"}, "parameters": {"username": "grace"}});
    assert_eq!(rotate(&server, id, next).await.expect(200)["parameters"]["username"], "grace");
    assert_eq!(put_back(&server, id).await.expect(200)["parameters"]["username"], "ada");
}

#[tokio::test]
async fn an_end_is_warned_of_recorded_once_and_makes_the_credential_unusable() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let mut body = bearer(&service);
    let end = flero_model::Timestamp::from_millis(1_800_000_000_000 + 30 * DAY);
    body["expiresAt"] = json!(end);
    let id = server.owner.post("/api/credentials", body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/credentials/{id}");
    let tag = server.owner.get(&path).await.headers["etag"].clone();
    assert_eq!(swept(&server, &id).await, []);
    assert_eq!(server.owner.get(&path).await.headers["etag"], tag, "a look of the sweep is no change");
    server.clock.advance(23 * DAY);
    let warned = swept(&server, &id).await;
    assert_eq!((warned.len(), warned[0].0.as_str()), (1, "credential.expiring"));
    assert_eq!(warned[0].1["outcome"], "expires_at");
    assert_eq!(swept(&server, &id).await, []);
    assert_eq!(verdict(&server, &id).await, "accepted");
    server.clock.advance(7 * DAY);
    // It counts before the sweep has come by, in the list too.
    let listed = |status: &'static str| {
        let client = server.owner.clone();
        async move { client.get(&format!("/api/credentials?status={status}")).await.expect(200)["total"].clone() }
    };
    assert_eq!((listed("active").await, listed("expired").await), (json!(0), json!(1)));
    let ended = swept(&server, &id).await;
    assert_eq!((ended.len(), ended[0].0.as_str()), (1, "credential.status_changed"));
    assert_eq!((&ended[0].1["from"], &ended[0].1["to"]), (&json!("active"), &json!("expired")));
    assert_eq!(swept(&server, &id).await, []);
    assert_eq!(server.owner.get(&path).await.expect(200)["status"], "expired");
    assert_ne!(verdict(&server, &id).await, "accepted");

    // A rotation drops an end that has passed, unless it is given another one.
    let rotated = rotate(&server, &id, json!({"data": {"token": TOKEN}})).await.expect(200);
    assert_eq!((&rotated["status"], &rotated["expiresAt"]), (&json!("active"), &Value::Null));
    assert_eq!(verdict(&server, &id).await, "accepted");
    let past = json!({"data": {"token": TOKEN}, "expiresAt": end});
    assert_eq!(rotate(&server, &id, past).await.expect(422)["errors"][0]["pointer"], "/expiresAt");
}

#[tokio::test]
async fn a_token_that_says_when_it_ends_is_believed() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let mut body = bearer(&service);
    // {"alg":"none"} and {"exp":1800003600}, an hour after the test's beginning.
    let token = "eyJhbGciOiJub25lIn0.eyJleHAiOjE4MDAwMDM2MDB9.c2lnbmF0dXJl";
    body["data"]["token"] = json!(token);
    let made = server.owner.post("/api/credentials", body).await.expect(201);
    assert_eq!(made["secretEndsAt"], json!(flero_model::Timestamp::from_millis(1_800_003_600_000)));
    server.clock.advance(HOUR);
    let id = made["id"].as_str().unwrap();
    let ended = swept(&server, id).await;
    assert_eq!(
        (ended[0].0.as_str(), &ended[0].1["outcome"]),
        ("credential.status_changed", &json!("secret_ends"))
    );
    let rotated = rotate(&server, id, json!({"data": {"token": TOKEN}})).await.expect(200);
    assert_eq!((&rotated["secretEndsAt"], &rotated["status"]), (&Value::Null, &json!("active")));
}

#[tokio::test]
async fn a_rotation_that_is_due_is_reminded_of_each_week() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let mut body = bearer(&service);
    body["rotateEveryDays"] = json!(30);
    let id = server.owner.post("/api/credentials", body).await.expect(201)["id"].as_str().unwrap().to_owned();
    for (days, reminders) in [(29, 0), (1, 1), (6, 0), (1, 1), (7, 1)] {
        server.clock.advance(days * DAY);
        let swept = swept(&server, &id).await;
        assert_eq!(swept.len(), reminders, "{days} {swept:?}");
        assert!(swept.iter().all(|(action, _)| action == "credential.rotation_due"));
    }
    let _ = rotate(&server, &id, json!({"data": {"token": TOKEN}, "graceHours": 0})).await.expect(200);
    server.clock.advance(29 * DAY);
    assert_eq!(swept(&server, &id).await, []);
}

#[tokio::test]
async fn a_secret_that_is_older_than_the_organization_allows_is_expired() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let policies = "/api/organization/policies";
    for days in [0, 3_651] {
        let refused = ada.put(policies, json!({"maxCredentialAgeDays": days})).await.expect(422);
        assert_eq!(refused["errors"][0]["pointer"], "/maxCredentialAgeDays");
    }
    let _ = ada.put(policies, json!({"maxCredentialAgeDays": 90})).await.expect(200);
    assert_eq!(swept(&server, &id).await, []);
    server.clock.advance(83 * DAY);
    assert_eq!(swept(&server, &id).await[0].0, "credential.expiring");
    server.clock.advance(7 * DAY);
    let ended = swept(&server, &id).await;
    assert_eq!(
        (ended[0].0.as_str(), &ended[0].1["outcome"]),
        ("credential.status_changed", &json!("maximum_age"))
    );
    assert_ne!(verdict(&server, &id).await, "accepted");
    // A copy is as old as its original.
    let copy = server.owner.post(&format!("/api/credentials/{id}/duplicate"), json!({})).await.expect(201);
    let copy = copy["id"].as_str().unwrap();
    let _ = swept(&server, copy).await;
    assert_eq!(server.owner.get(&format!("/api/credentials/{copy}")).await.expect(200)["status"], "expired");
    // A new secret is young, and a policy that is gone makes the old one usable again.
    let _ = rotate(&server, copy, json!({"data": {"token": TOKEN}})).await.expect(200);
    assert_eq!(verdict(&server, copy).await, "accepted");
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let _ = ada.put(policies, json!({})).await.expect(200);
    let _ = swept(&server, &id).await;
    assert_eq!(verdict(&server, &id).await, "accepted");
}
