//! Connecting an account: the attempt, the callback, Save, Reconnect.

use flero_testing::{Answer, Provider, TestServer};
use serde_json::{Value, json};

/// Begins an attempt and gives its body.
pub(super) async fn start(server: &TestServer, body: Value) -> Value {
    server.owner.post("/api/credentials/oauth/start", body).await.expect(201)
}

/// What the browser does: opens the address and follows the service back; gives the target at our server.
pub(super) async fn consent(server: &TestServer, started: &Value) -> String {
    let url = started["authorizationUrl"].as_str().unwrap();
    let parsed: url::Url = url.parse().unwrap();
    let authority = format!("{}:{}", parsed.host_str().unwrap(), parsed.port().unwrap());
    let path = &url[url.find(&authority).unwrap() + authority.len()..];
    let back = server.owner.anonymous().at(&authority).get(path).await;
    let back = back.headers["location"].to_str().unwrap().to_owned();
    back[back.find("/oauth/").unwrap()..].to_owned()
}

pub(super) async fn attempt(server: &TestServer, started: &Value) -> Value {
    let path = format!("/api/credentials/oauth/{}", started["attemptId"].as_str().unwrap());
    server.owner.get(&path).await.expect(200)
}

pub(super) async fn page(server: &TestServer, target: &str) -> Answer {
    let browser = server.owner.anonymous();
    let first = browser.get(target).await;
    if first.status != 303 {
        return first;
    }
    let location = first.headers["location"].to_str().unwrap().to_owned();
    assert!(!location.contains('?') && !location.contains("code"), "{location}");
    browser.get(&location).await
}

/// A saved credential of an account that was connected by the code flow.
pub(super) async fn connected(server: &TestServer, provider: &Provider) -> String {
    connected_as(server, provider.credential("authorization_code")).await
}

/// The same with this body.
pub(super) async fn connected_as(server: &TestServer, body: Value) -> String {
    let started = start(server, body).await;
    let back = consent(server, &started).await;
    let _ = page(server, &back).await;
    let save = json!({"attemptId": started["attemptId"], "name": "Practice"});
    let saved = server.owner.post("/api/credentials", save).await.expect(201);
    saved["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_is_connected_saved_and_used() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let started = start(&server, provider.credential("authorization_code")).await;
    let url: url::Url = started["authorizationUrl"].as_str().unwrap().parse().unwrap();
    let asked: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!((asked["code_challenge_method"].as_str(), asked["response_type"].as_str()), ("S256", "code"));
    assert_eq!(asked["scope"], "read write");
    assert_eq!(asked["redirect_uri"], started["redirectUri"].as_str().unwrap());
    assert!(asked["redirect_uri"].ends_with(started["credentialId"].as_str().unwrap()));
    assert!(!url.as_str().contains("secret"));
    assert_eq!(attempt(&server, &started).await["status"], "pending");
    let early = json!({"attemptId": started["attemptId"], "name": "Early"});
    assert_eq!(server.owner.post("/api/credentials", early).await.problem(409), "attempt_not_connected");
    let back = consent(&server, &started).await;
    let shown = page(&server, &back).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("You can close this tab"));
    let said = "did not grant write: what needs that will fail. Authorize again";
    assert!(shown.text().contains(said) && !shown.text().contains("<script>"), "{}", shown.text());
    assert_eq!(shown.headers["referrer-policy"], "no-referrer");
    assert!(shown.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let told = attempt(&server, &started).await;
    assert_eq!((&told["status"], &told["account"]), (&json!("connected"), &json!("ada@example.com")));
    assert_eq!((&told["scopes"], &told["missingScopes"]), (&json!(["read"]), &json!(["write"])));
    let events = format!("/api/credentials/oauth/{}/events", started["attemptId"].as_str().unwrap());
    assert!(server.owner.get(&events).await.text().contains("\"status\":\"connected\""));
    let save = json!({"attemptId": started["attemptId"], "name": "Mine"});
    let saved = server.owner.post("/api/credentials", save.clone()).await.expect(201);
    assert_eq!(saved["id"], started["credentialId"]);
    assert_eq!((&saved["status"], &saved["account"]), (&json!("active"), &json!("ada@example.com")));
    assert_eq!(server.owner.post("/api/credentials", save).await.problem(409), "attempt_not_connected");
    let path = format!("/api/proxy/{}/{}/api/me", saved["id"].as_str().unwrap(), provider.address);
    let used = server.owner.get(&path).await;
    assert_eq!(used.status, 200, "{}", used.text());
    assert!(!used.text().contains("access-canary"));
}

/// Security test 48: a callback is good once, for its own credential, within ten minutes.
#[tokio::test]
async fn a_callback_is_good_once_for_its_own_credential_and_for_ten_minutes() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let body = provider.credential("authorization_code");
    // Once.
    let first = start(&server, body.clone()).await;
    let back = consent(&server, &first).await;
    assert_eq!(page(&server, &back).await.status, 200);
    let asked = provider.requests().len();
    let again = page(&server, &back).await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains("used already"));
    assert_eq!(provider.requests().len(), asked, "the code is sent once");
    assert_eq!(attempt(&server, &first).await["status"], "connected", "the replay changes nothing");
    // For its own credential.
    let (one, other) = (start(&server, body.clone()).await, start(&server, body.clone()).await);
    let back = consent(&server, &one).await;
    let crossed =
        back.replace(one["credentialId"].as_str().unwrap(), other["credentialId"].as_str().unwrap());
    assert!(page(&server, &crossed).await.text().contains("another service"));
    assert_eq!(attempt(&server, &one).await["status"], "failed");
    assert_eq!(attempt(&server, &other).await["status"], "pending");
    assert_eq!(provider.requests().len(), asked);
    // Within ten minutes.
    let late = start(&server, body).await;
    let back = consent(&server, &late).await;
    server.clock.advance(600_000);
    assert_eq!(page(&server, &back).await.status, 400);
    assert_eq!(attempt(&server, &late).await["status"], "failed");
    assert_eq!(provider.requests().len(), asked);
    for query in ["", "?state=", "?state=unknown&code=x", "?code=x", "?state=a&state=b&code=x"] {
        assert_eq!(page(&server, &format!("/oauth/callback/http{query}")).await.status, 400, "{query}");
    }
}

/// Security test 48: an attempt is its beginner's alone, down to the key.
#[tokio::test]
async fn somebody_elses_attempt_does_not_exist() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let started = start(&server, provider.credential("authorization_code")).await;
    let back = consent(&server, &started).await;
    let _ = page(&server, &back).await;
    let other =
        server.owner.with_key(&crate::key_with(&server, &["credentials:read", "credentials:write"]).await);
    let id = started["attemptId"].as_str().unwrap();
    assert_eq!(other.get(&format!("/api/credentials/oauth/{id}")).await.problem(404), "not_found");
    assert_eq!(other.get(&format!("/api/credentials/oauth/{id}/events")).await.problem(404), "not_found");
    let save = json!({"attemptId": id, "name": "Stolen"});
    assert_eq!(other.post("/api/credentials", save).await.problem(404), "not_found");
}

/// Security test 55: what a service says is text on a page that runs nothing of it.
#[tokio::test]
async fn a_services_error_text_is_inert() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let started = start(&server, provider.credential("authorization_code")).await;
    let back = consent(&server, &started).await;
    let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let name = started["credentialId"].as_str().unwrap();
    let evil = "%3Cscript%3Ealert(1)%3C/script%3E%3Cimg%20src=x%20onerror=alert(1)%3E";
    let target = format!("/oauth/callback/{name}?state={state}&error=access_denied&error_description={evil}");
    let shown = page(&server, &target).await;
    let text = shown.text();
    assert!(text.contains("access_denied") && text.contains("&lt;script&gt;"), "{text}");
    assert!(!text.contains("<script>") && !text.contains("<img"));
    let told = attempt(&server, &started).await;
    assert_eq!((&told["status"], &told["error"]), (&json!("failed"), &json!("access_denied")));
    assert_eq!(page(&server, &back).await.status, 400, "the attempt is closed");
    assert!(provider.requests().is_empty());
}

/// Security test 49: an answer that names another issuer is not used.
#[tokio::test]
async fn a_code_of_another_issuer_is_not_sent() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let mut body = provider.credential("authorization_code");
    body["parameters"]["issuer"] = json!(provider.url(""));
    for (named, status) in [("https://evil.example.com", "failed"), (provider.url("").as_str(), "connected")]
    {
        provider.set_issuer(Some(named));
        let started = start(&server, body.clone()).await;
        let back = consent(&server, &started).await;
        let _ = page(&server, &back).await;
        let told = attempt(&server, &started).await;
        assert_eq!(told["status"], status, "{told}");
    }
    assert_eq!(provider.requests().len(), 1);
}

/// An attempt that nobody saves is revoked at the service and destroyed.
#[tokio::test]
async fn an_attempt_that_is_not_saved_leaves_nothing() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let started = start(&server, provider.credential("authorization_code")).await;
    let back = consent(&server, &started).await;
    let _ = page(&server, &back).await;
    server.app.sweep_oauth().await.unwrap();
    assert!(provider.revocations().is_empty());
    server.clock.advance(600_001);
    server.app.sweep_oauth().await.unwrap();
    let revoked = provider.revocations();
    assert_eq!(revoked.len(), 2, "{}", revoked.len());
    let path = format!("/api/credentials/oauth/{}", started["attemptId"].as_str().unwrap());
    assert_eq!(server.owner.get(&path).await.problem(404), "not_found");
    use flero_store::KeyStore as _;
    assert!(server.store.all_sealed(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn reconnecting_keeps_the_id_and_asks_before_the_account_changes() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let id = connected(&server, &provider).await;
    provider.forget_grants();
    server.clock.advance(3_600_000);
    let path = format!("/api/proxy/{id}/{}/api/me", provider.address);
    assert_ne!(server.owner.get(&path).await.status, 200);
    assert_eq!(server.owner.get(&format!("/api/credentials/{id}")).await.expect(200)["status"], "expired");
    for (account, other, status) in [("7", false, 200), ("8", false, 409), ("8", true, 200)] {
        provider.set_subject(account);
        let started = start(&server, json!({"credentialId": id})).await;
        assert_eq!(started["credentialId"], id);
        let back = consent(&server, &started).await;
        let _ = page(&server, &back).await;
        let save = json!({"attemptId": started["attemptId"], "otherAccount": other});
        let saved = server.owner.post("/api/credentials", save).await;
        assert_eq!(saved.status.as_u16(), status, "{account}: {}", saved.text());
        if status == 200 {
            assert_eq!(saved.json()["id"], id);
            assert_eq!(saved.json()["status"], "active");
            assert_eq!(server.owner.get(&path).await.status, 200);
        } else {
            assert_eq!(saved.json()["code"], "account_changed");
        }
    }
}

/// Security test 20: a credential whose addresses change has no tokens any more.
#[tokio::test]
async fn tokens_do_not_follow_a_credential_to_other_addresses() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let id = connected(&server, &provider).await;
    let path = format!("/api/credentials/{id}");
    let use_it = format!("/api/proxy/{id}/{}/api/me", provider.address);
    let narrower = json!({"allowedHosts": [format!("http://{}", provider.address)], "notes": "same"});
    let _ = server.owner.json("PATCH", &path, &narrower).await.expect(200);
    assert_eq!(server.owner.get(&use_it).await.status, 200, "the same policy keeps the tokens");
    let wider = json!({"allowedHosts": [format!("http://{}", provider.address), "evil.example.com"]});
    assert_eq!(server.owner.json("PATCH", &path, &wider).await.problem(422), "invalid_fields");
    let with_secret = json!({"allowedHosts": wider["allowedHosts"], "data": {"clientSecret": flero_testing::CLIENT_SECRET}});
    let edited = server.owner.json("PATCH", &path, &with_secret).await.expect(200);
    assert_eq!(edited["status"], "expired", "the person has to connect it again");
    assert_ne!(server.owner.get(&use_it).await.status, 200);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_with_their_place() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let good = provider.credential("authorization_code");
    for (change, pointer) in [
        (json!({"grantType": "password"}), "/parameters/grantType"),
        (json!({"grantType": "implicit"}), "/parameters/grantType"),
        (json!({"tokenUrl": null}), "/parameters/tokenUrl"),
        (json!({"authorizationUrl": null}), "/parameters/authorizationUrl"),
        (json!({"authorizationUrl": "javascript:alert(1)"}), "/parameters/authorizationUrl"),
        (json!({"clientAuthMethod": "client_secret_jwt"}), "/parameters/clientAuthMethod"),
        (json!({"pkce": "off"}), "/parameters/pkce"),
    ] {
        let mut body = good.clone();
        let parameters = body["parameters"].as_object_mut().unwrap();
        for (name, value) in change.as_object().unwrap() {
            parameters.remove(name);
            if !value.is_null() {
                parameters.insert(name.clone(), value.clone());
            }
        }
        let problem = server.owner.post("/api/credentials/oauth/start", body).await.expect(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let machine = provider.credential("client_credentials");
    let problem = server.owner.post("/api/credentials/oauth/start", machine).await.expect(422);
    assert_eq!(problem["errors"][0]["pointer"], "/parameters/grantType");
}

#[tokio::test]
async fn a_callback_at_the_wrong_host_is_told_so() {
    let server = TestServer::start().await;
    let headers = [("host", "wrong.example.com")];
    let shown =
        server.owner.anonymous().send("GET", "/oauth/callback/http?state=x&code=y", &headers, "").await;
    assert_eq!(shown.status, 400);
    assert!(shown.text().contains("FLERO_PUBLIC_URL"), "{}", shown.text());
}

/// A browser that comes back at another host shows no session there. The page names the right address and leads on to it;
/// the attempt is still open then, and the code was sent nowhere.
#[tokio::test]
async fn an_attempt_goes_on_at_the_right_host_after_a_callback_at_the_wrong_one() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let person = server.owner.sign_in("ada@example.com", flero_testing::PASSWORD).await;
    let body = provider.credential("authorization_code");
    let started = person.post("/api/credentials/oauth/start", body).await.expect(201);
    let back = consent(&server, &started).await;
    let wrong = [("host", "wrong.example.com")];
    let shown = server.owner.anonymous().send("GET", &back, &wrong, "").await;
    assert_eq!(shown.status, 421);
    let text = shown.text();
    let right = format!("http://{}", server.address());
    assert!(
        text.contains(&right) && text.contains("wrong.example.com") && text.contains("FLERO_PUBLIC_URL"),
        "{text}"
    );
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert!(provider.requests().is_empty());
    let at = text.find("href=\"").unwrap() + 6;
    let link = text[at..at + text[at..].find('"').unwrap()].replace("&amp;", "&");
    assert_eq!(link, format!("{right}{back}"));
    assert_eq!(person.get(&back).await.status, 303);
    let path = format!("/api/credentials/oauth/{}", started["attemptId"].as_str().unwrap());
    assert_eq!(person.get(&path).await.expect(200)["status"], "connected");
    // At the right host another browser's answer closes the attempt, as ever.
    let started = person
        .post("/api/credentials/oauth/start", provider.credential("authorization_code"))
        .await
        .expect(201);
    let back = consent(&server, &started).await;
    assert!(page(&server, &back).await.text().contains("another browser"));
    let path = format!("/api/credentials/oauth/{}", started["attemptId"].as_str().unwrap());
    assert_eq!(person.get(&path).await.expect(200)["error"], "other_browser");
}

#[tokio::test]
async fn an_installation_tells_by_which_address_it_is_reached() {
    let server = TestServer::start().await;
    let told =
        server.owner.anonymous().send("GET", "/oauth/self-test", &[("host", "proxy.internal:81")], "").await;
    assert_eq!(
        told.expect(200),
        json!({"publicUrl": format!("http://{}", server.address()), "host": "proxy.internal:81"})
    );
}
