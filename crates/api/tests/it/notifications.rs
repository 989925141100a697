//! Notifications: in the application, by mail, to webhooks; who is told, and who is not.

use std::path::PathBuf;

use flero_connect::mail::Mailer;
use flero_testing::{Client, PASSWORD, Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, bearer, chain, made, matrix::guest, mfa::EMAIL, node, peers::Peer, set_status, stored};

const MINE: &str = "/api/me/notifications";
const HOUR: i64 = 3_600_000;

/// A mail server, and what it got.
pub(crate) struct Mails {
    file: PathBuf,
    _peer: Peer,
}

impl Mails {
    pub(crate) fn of(server: &TestServer) -> Self {
        let file = server.folder().join("mails");
        let peer = Peer::script("smtp.py", &[file.to_str().unwrap()]);
        let url = format!("smtp://{}", peer.address);
        server.app.set_mailer(Mailer::new(&url, "Flero <flero@example.com>").unwrap());
        Self { file, _peer: peer }
    }

    pub(crate) fn all(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn listed(client: &Client) -> Vec<Value> {
    client.get(MINE).await.expect(200)["items"].as_array().unwrap().clone()
}

async fn told(client: &Client) -> Vec<(String, String)> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    listed(client).await.iter().map(|one| (text(one, "category"), text(one, "subject"))).collect()
}

async fn test(server: &TestServer, id: &str) {
    let _ = server.owner.post(&format!("/api/credentials/{id}/test"), json!({})).await.expect(200);
}

#[tokio::test]
async fn a_refused_credential_is_told_in_the_application_and_by_mail() {
    let server = TestServer::start().await;
    let mails = Mails::of(&server);
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    service.take_only("Bearer another");
    test(&server, &id).await;
    server.app.sweep_notifications().await.unwrap();
    let items = listed(&ada).await;
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!((&items[0]["category"], &items[0]["subject"]), (&json!("credential.failing"), &json!(id)));
    assert_eq!(items[0]["message"], "The service refuses the credential “Practice”");
    let [mail] = &mails.all()[..] else { panic!("one mail: {:?}", mails.all()) };
    assert_eq!(mail["to"], json!(["ada@example.com"]));
    assert_eq!(mail["headers"]["subject"], "The service refuses the credential “Practice”");
    assert!(mail["text"].as_str().unwrap().contains("/credentials"), "{mail}");
    assert!(!mail.to_string().contains(TOKEN));

    // It works again: that is told in the application alone.
    service.take_only(&format!("Bearer {TOKEN}"));
    test(&server, &id).await;
    server.app.sweep_notifications().await.unwrap();
    assert!(told(&ada).await.contains(&("credential.active".to_owned(), id.clone())));
    // What is told again before it was read joins, without another mail.
    service.take_only("Bearer another");
    test(&server, &id).await;
    server.app.sweep_notifications().await.unwrap();
    let items = listed(&ada).await;
    let failing = items.iter().find(|one| one["category"] == "credential.failing").unwrap();
    assert_eq!((items.len(), &failing["count"], mails.all().len()), (2, &json!(2), 1));

    // Read: one, then all. Nobody else's are touched.
    let body = json!({"ids": [failing["id"]]});
    assert_eq!(ada.post(&format!("{MINE}/read"), body).await.expect(200)["unread"], 1);
    assert_eq!(ada.get(&format!("{MINE}?unread=true")).await.expect(200)["total"], 1);
    assert_eq!(ada.post(&format!("{MINE}/read"), json!({})).await.expect(200)["unread"], 0);
    assert_eq!(ada.get(&format!("{MINE}?limit=1")).await.expect(200)["total"], 2);
    assert_eq!(server.owner.get(MINE).await.problem(403), "session_required");
}

#[tokio::test]
async fn an_expired_credential_reaches_somebody_who_can_act() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let (grace, grace_id) = guest(&server, "grace@example.com", "admin").await;
    let (viewer, _) = guest(&server, "viewer@example.com", "viewer").await;
    let mut body = bearer(&service);
    body["expiresAt"] = json!(flero_model::Timestamp::from_millis(1_800_000_000_000 + HOUR / 2));
    let shared = grace.post("/api/credentials", body.clone()).await.expect(201)["id"].clone();
    body["scope"] = json!("personal");
    let personal = grace.post("/api/credentials", body).await.expect(201)["id"].clone();
    server.clock.advance(HOUR / 2);
    server.app.sweep_credentials().await.unwrap();
    server.app.sweep_notifications().await.unwrap();
    let expired = |id: &Value| ("credential.expired".to_owned(), id.as_str().unwrap().to_owned());
    let mine = told(&grace).await;
    assert!(mine.contains(&expired(&shared)) && mine.contains(&expired(&personal)), "{mine:?}");
    assert_eq!((told(&ada).await, told(&viewer).await), (Vec::new(), Vec::new()));

    // Its owner may not change it any more: the admins are told as well. A Personal one stays its owner's.
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let role = json!({"role": "editor"});
    assert_eq!(ada.patch(&format!("/api/members/{grace_id}"), role).await.status, 204);
    let fresh = |id: &Value| format!("/api/credentials/{}", id.as_str().unwrap());
    let later = json!({"expiresAt": flero_model::Timestamp::from_millis(1_800_000_000_000 + HOUR)});
    let _ = server.owner.json("PATCH", &fresh(&shared), &later).await.expect(200);
    let _ = grace.patch(&fresh(&personal), later).await.expect(200);
    server.clock.advance(HOUR / 2);
    server.app.sweep_credentials().await.unwrap();
    server.app.sweep_notifications().await.unwrap();
    assert_eq!(told(&ada).await, [expired(&shared)]);
    // Within the hour the second time joins the first.
    let counts: Vec<Value> = listed(&grace).await.into_iter().map(|one| one["count"].clone()).collect();
    assert_eq!(counts, [json!(2), json!(2)]);
    assert!(told(&viewer).await.is_empty());
}

#[tokio::test]
async fn whoever_rotated_a_credential_is_not_told_and_its_owner_is() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let (grace, _) = guest(&server, "grace@example.com", "admin").await;
    let id = stored(&server, &service).await;
    let path = format!("/api/credentials/{id}/rotate");
    let body = json!({"data": {"token": TOKEN}});
    let _ = ada.post(&path, body.clone()).await.expect(200);
    server.app.sweep_notifications().await.unwrap();
    assert!(told(&ada).await.is_empty());
    let _ = grace.post(&path, body).await.expect(200);
    server.app.sweep_notifications().await.unwrap();
    assert_eq!(told(&ada).await, [("credential.rotated".to_owned(), id)]);
    assert!(told(&grace).await.is_empty());
}

#[tokio::test]
async fn a_run_that_nobody_watched_is_told_once_a_day_by_mail() {
    let server = TestServer::start().await;
    let mails = Mails::of(&server);
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let hook = node(
        "in",
        "WebhookTrigger",
        json!({"path": "fails", "method": "POST", "responseMode": "onCompletion"}),
    );
    let call = node("call", "HTTPRequest", json!({"url": "http://127.0.0.1:9/x"}));
    let id = made(&server, chain(vec![hook, call])).await;
    set_status(&server, &id, "active").await;
    for _ in 0..3 {
        let _ = server.owner.anonymous().post("/webhook/fails", json!({})).await;
    }
    let _ = server.owner.post(&format!("/api/workflows/{id}/run?wait=true"), json!({})).await;
    server.app.sweep_notifications().await.unwrap();
    let items = listed(&ada).await;
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!((&items[0]["category"], &items[0]["count"]), (&json!("execution.failed"), &json!(3)));
    assert!(mails.all().is_empty());
    server.clock.advance(24 * HOUR);
    server.app.sweep_notifications().await.unwrap();
    assert_eq!(mails.all().len(), 1);
}

#[tokio::test]
async fn a_sign_in_from_somewhere_new_and_a_new_password_are_always_told() {
    let server = TestServer::start().await;
    let mails = Mails::of(&server);
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    server.app.sweep_notifications().await.unwrap();
    assert!(told(&ada).await.is_empty(), "the first sign-in has nothing to differ from");
    server.clock.advance(1_000);
    let login = json!({"email": EMAIL, "password": PASSWORD}).to_string();
    let headers = [("content-type", "application/json"), ("user-agent", "Another/1")];
    let _ = server.owner.anonymous().send("POST", "/api/auth/login", &headers, login).await.expect(200);
    server.app.sweep_notifications().await.unwrap();
    let items = listed(&ada).await;
    assert_eq!((items.len(), &items[0]["category"]), (1, &json!("session.unusual")));
    assert_eq!(items[0]["reason"], "new_browser");
    let off = json!({"email": {"session.unusual": "never"}});
    let refused = ada.put(&format!("{MINE}/settings"), off).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/email/session.unusual");
    let change = json!({"password": PASSWORD, "newPassword": "another sentence of hers 9"});
    let changed = ada.post("/api/me/password", change).await;
    let ada = ada.with_session(&changed);
    server.app.sweep_notifications().await.unwrap();
    assert!(told(&ada).await.iter().any(|(category, _)| category == "account.sign_in_changed"));
    assert_eq!(mails.all().len(), 2);
}

#[tokio::test]
async fn frequencies_are_chosen_by_category() {
    let server = TestServer::start().await;
    let mails = Mails::of(&server);
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let settings = format!("{MINE}/settings");
    let usual = ada.get(&settings).await.expect(200);
    assert_eq!(usual["email"]["credential.failing"], "immediately");
    let chosen = ada.put(&settings, json!({"email": {"credential.failing": "never"}})).await.expect(200);
    assert_eq!(chosen["email"]["credential.failing"], "never");
    assert_eq!(chosen["email"]["credential.expired"], "immediately");
    for wrong in [json!({"email": {"nothing": "never"}}), json!({"email": {"credential.failing": "hourly"}})]
    {
        assert_eq!(ada.put(&settings, wrong).await.problem(422), "invalid_fields");
    }
    let service = Service::start("another").await;
    let id = stored(&server, &service).await;
    test(&server, &id).await;
    server.app.sweep_notifications().await.unwrap();
    assert_eq!((told(&ada).await.len(), mails.all().len()), (1, 0));
}

#[tokio::test]
async fn a_webhook_is_called_with_a_signature_and_again_until_it_answers() {
    let server = TestServer::start().await;
    let hooks = "/api/notifications/webhooks";
    let sink = Service::start("x").await;
    let made = server.owner.post(hooks, json!({"url": sink.url("/hook")})).await.expect(201);
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));
    let path = format!("{hooks}/{}", made["id"].as_str().unwrap());
    let listed = server.owner.get(hooks).await;
    assert!(!listed.text().contains(&secret));
    assert_eq!(listed.expect(200)["total"], 1);
    let down = json!({"url": sink.url("/status/503"), "categories": ["credential.failing"]});
    let _ = server.owner.post(hooks, down).await.expect(201);
    assert_eq!(server.owner.post(&format!("{path}/test"), json!({})).await.expect(200)["status"], 200);

    let service = Service::start("another").await;
    let shared = stored(&server, &service).await;
    let mut personal = bearer(&service);
    personal["scope"] = json!("personal");
    let personal = server.owner.post("/api/credentials", personal).await.expect(201)["id"].clone();
    test(&server, &shared).await;
    test(&server, personal.as_str().unwrap()).await;
    let before = sink.seen().len();
    server.app.sweep_notifications().await.unwrap();
    let seen = sink.seen().split_off(before);
    assert_eq!(seen.len(), 2, "one for each endpoint; a Personal credential is told to none");
    let hook = seen.iter().find(|one| one.target == "/hook").unwrap();
    let body: Value = serde_json::from_slice(&hook.body).unwrap();
    assert_eq!((&body["type"], &body["data"]["subject"]), (&json!("credential.failing"), &json!(shared)));
    let header = |name: &str| hook.headers[name].to_str().unwrap().to_owned();
    let key = data_encoding::BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
    let signed =
        [header("webhook-id").as_bytes(), b".", header("webhook-timestamp").as_bytes(), b".", &hook.body]
            .concat();
    let tag = header("webhook-signature").strip_prefix("v1,").unwrap().to_owned();
    let tag = data_encoding::BASE64.decode(tag.as_bytes()).unwrap();
    aws_lc_rs::hmac::verify(&key, &signed, &tag).unwrap();

    // The one that was down is called again, with the same identifier, and the other is not.
    let first = seen.iter().find(|one| one.target == "/status/503").unwrap().headers["webhook-id"].clone();
    server.clock.advance(HOUR);
    let before = sink.seen().len();
    server.app.sweep_notifications().await.unwrap();
    let again = sink.seen().split_off(before);
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].headers["webhook-id"], first);
    assert_eq!(server.owner.delete(&path).await.status, 204);
    assert_eq!(server.owner.delete(&path).await.problem(404), "not_found");
}

/// Security test 32: notifications go through the guard like every call.
#[tokio::test]
async fn a_webhook_cannot_point_to_an_inner_address() {
    let server = TestServer::start().await;
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://[::ffff:169.254.169.254]/",
        "http://example.com/",
        "https://user:password@example.com/",
        "ftp://example.com/",
        "x",
    ] {
        let answer = server.owner.post("/api/notifications/webhooks", json!({"url": url})).await;
        assert_eq!(answer.expect(422)["errors"][0]["pointer"], "/url", "{url}");
    }
}

#[tokio::test]
async fn new_notifications_are_seen_live() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let mut events = ada.watch(&format!("{MINE}/events")).await;
    assert!(events.next().await.contains("\"unread\":0"));
    let service = Service::start("another").await;
    let id = stored(&server, &service).await;
    test(&server, &id).await;
    server.app.sweep_notifications().await.unwrap();
    assert!(events.next().await.contains("\"unread\":1"));
}
