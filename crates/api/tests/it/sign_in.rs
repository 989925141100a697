//! Signing in and out, sessions, the first owner in a browser.

use flero_app::people::sessions::Origin;
use flero_testing::{Answer, Client, PASSWORD, TestServer};
use serde_json::json;

const EMAIL: &str = "ada@example.com";

async fn login(client: &Client, email: &str, password: &str) -> Answer {
    client.anonymous().post("/api/auth/login", json!({"email": email, "password": password})).await
}

#[tokio::test]
async fn a_session_does_what_its_person_may_do() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in(" Ada@Example.com", PASSWORD).await;
    let me = ada.get("/api/me").await.expect(200);
    assert_eq!((me["name"].as_str(), me["role"].as_str()), (Some("Ada"), Some("owner")));
    assert_eq!(me["organizationRole"], "owner");
    assert_eq!(me["workspaceId"], server.workspace.to_string());
    assert_eq!(me["workspaces"][0]["name"], "Analytical");
    assert!(me["permissions"].as_array().unwrap().contains(&json!("audit.read")));
    assert!(me["apiKeyId"].is_null() && me["csrfToken"].as_str().unwrap().len() > 20);

    let made = ada.put("/api/variables", json!({"region": "eu"})).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let workspace = server.workspace;
    let _ = ada.get(&format!("/api/variables?workspace={workspace}")).await.expect(200);
    let elsewhere = "ws_01h455vb4pex5vsknk084sn02q";
    for path in ["/api/variables", "/api/me"] {
        assert_eq!(ada.get(&format!("{path}?workspace={elsewhere}")).await.problem(404), "not_found");
        assert_eq!(ada.in_workspace("nonsense").get(path).await.problem(404), "not_found");
    }
    let records = ada.get("/api/audit?action=session.signed_in").await.expect(200);
    assert_eq!(records["items"][0]["actor"]["user"], server.user.to_string());
}

/// Security test 62: the cookie cannot be read by a script, and only its hash is stored.
#[tokio::test]
async fn the_cookie_is_out_of_reach_and_stored_as_a_hash() {
    let server = TestServer::start().await;
    let answer = login(&server.owner, EMAIL, PASSWORD).await;
    let cookies: Vec<&str> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("flero-session=")).unwrap();
    assert!(session.contains("HttpOnly") && session.contains("SameSite=Lax") && session.contains("Path=/"));
    let csrf = cookies.iter().find(|cookie| cookie.starts_with("flero-csrf=")).unwrap();
    assert!(!csrf.contains("HttpOnly"));
    let token = session["flero-session=".len()..].split(';').next().unwrap();
    assert_eq!(token.len(), 43);
    assert!(!answer.text().contains(token));
    for entry in std::fs::read_dir(server.folder()).unwrap().flatten().filter(|entry| entry.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{:?}", entry.path());
    }
}

/// Security test 62: another site's page changes nothing, with or without the person's cookies.
#[tokio::test]
async fn a_forged_request_is_refused() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let body = json!({"x": 1}).to_string();
    let kind = ("content-type", "application/json");
    for headers in [
        [kind, ("x-csrf-token", "")],
        [kind, ("x-csrf-token", "x")],
        [kind, ("origin", "https://evil.example")],
        [kind, ("origin", "null")],
        [kind, ("origin", "http://localhost:1")],
    ] {
        let answer = ada.send("PUT", "/api/variables", &headers, body.clone()).await;
        assert_eq!(answer.problem(403), "request_forged", "{headers:?}");
    }
    let other = server.owner.sign_in(EMAIL, PASSWORD).await.get("/api/me").await.expect(200);
    let foreign = other["csrfToken"].as_str().unwrap();
    let answer = ada.send("PUT", "/api/variables", &[kind, ("x-csrf-token", foreign)], body.clone()).await;
    assert_eq!(answer.problem(403), "request_forged");
    let answer = ada.send("POST", "/api/auth/logout", &[("x-csrf-token", "")], "").await;
    assert_eq!(answer.problem(403), "request_forged");
    let credentials = json!({"email": EMAIL, "password": PASSWORD}).to_string();
    let foreign = [kind, ("origin", "https://evil.example")];
    let answer = server.owner.anonymous().send("POST", "/api/auth/login", &foreign, credentials).await;
    assert_eq!(answer.problem(403), "request_forged");
    // A call through the proxy is never safe, whatever its method.
    let proxied = "/api/proxy/cred_01h455vb4pex5vsknk084sn02q/api.example.com/x";
    assert_eq!(ada.send("GET", proxied, &[("x-csrf-token", "")], "").await.problem(403), "request_forged");
    assert_eq!(ada.get("/api/variables").await.expect(200), json!({}));
    let local = format!("http://localhost:{}", ada.address().rsplit(':').next().unwrap());
    let host = local.trim_start_matches("http://").to_owned();
    let own = [kind, ("origin", local.as_str()), ("host", host.as_str())];
    assert_eq!(ada.send("PUT", "/api/variables", &own, body).await.status, 200);
}

/// Security test 62: a token that was there before the sign-in, and one from before a step-up, open nothing after it.
#[tokio::test]
async fn a_token_is_another_one_after_every_proof() {
    let server = TestServer::start().await;
    let first = server.owner.sign_in(EMAIL, PASSWORD).await;
    let again = first.post("/api/auth/login", json!({"email": EMAIL, "password": PASSWORD})).await;
    let second = server.owner.with_session(&again);
    assert_eq!(first.get("/api/me").await.problem(401), "session_ended");
    let proved = second.post("/api/auth/step-up", json!({"password": PASSWORD})).await;
    let third = server.owner.with_session(&proved);
    assert_eq!(second.get("/api/me").await.problem(401), "session_ended");
    let _ = third.get("/api/me").await.expect(200);
    let wrong = third.post("/api/auth/step-up", json!({"password": "not the password"})).await;
    assert_eq!(wrong.problem(422), "invalid_fields");
    for planted in
        ["flero-session=", "flero-session=x", "flero-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
    {
        let answer = server.owner.anonymous().send("GET", "/api/me", &[("cookie", planted)], "").await;
        assert_eq!(answer.status, 401, "{planted}");
    }
}

/// Security test 62: signing out ends the session on the server, at once and everywhere.
#[tokio::test]
async fn signing_out_ends_sessions_at_once() {
    let server = TestServer::start().await;
    let (one, two, three) = (
        server.owner.sign_in(EMAIL, PASSWORD).await,
        server.owner.sign_in(EMAIL, PASSWORD).await,
        server.owner.sign_in(EMAIL, PASSWORD).await,
    );
    let listed = one.get("/api/me/sessions").await.expect(200);
    let items = listed["items"].as_array().unwrap();
    assert_eq!((items.len(), items.iter().filter(|item| item["isCurrent"] == true).count()), (3, 1));
    let answer = two.post("/api/auth/logout", json!({})).await;
    assert_eq!(answer.status, 204);
    assert!(answer.headers.contains_key("clear-site-data"));
    assert_eq!(two.get("/api/me").await.problem(401), "session_ended");
    assert_eq!(two.post("/api/auth/logout", json!({})).await.status, 204);
    assert_eq!(one.delete("/api/me/sessions").await.expect(200), json!({"ended": 1}));
    assert_eq!(three.get("/api/me").await.problem(401), "session_ended");
    let own = one.get("/api/me/sessions").await.expect(200)["items"][0]["id"].clone();
    assert_eq!(
        one.delete("/api/me/sessions/sess_01h455vb4pex5vsknk084sn02q").await.problem(404),
        "not_found"
    );
    assert_eq!(one.delete(&format!("/api/me/sessions/{}", own.as_str().unwrap())).await.status, 204);
    assert_eq!(one.get("/api/me").await.problem(401), "session_ended");
}

#[tokio::test]
async fn a_session_ends_when_it_rests_for_an_hour_and_after_a_day() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    for _ in 0..24 {
        server.clock.advance(3_599_000);
        assert_eq!(ada.get("/api/me").await.status, 200);
    }
    server.clock.advance(60_000);
    assert_eq!(ada.get("/api/me").await.problem(401), "session_ended");
    let other = server.owner.sign_in(EMAIL, PASSWORD).await;
    server.clock.advance(3_600_000);
    assert_eq!(other.get("/api/me").await.problem(401), "session_ended");
    assert_eq!(server.app.prune_sessions().await.unwrap(), 2);
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let server = TestServer::start().await;
    let (one, two) =
        (server.owner.sign_in(EMAIL, PASSWORD).await, server.owner.sign_in(EMAIL, PASSWORD).await);
    let new = "a new sentence about 7 bees";
    let body = |present: &str, new: &str| json!({"password": present, "newPassword": new});
    for (present, bad) in
        [("wrong", new), (PASSWORD, "short"), (PASSWORD, "passwordpassword"), (PASSWORD, "ada@example.com")]
    {
        assert_eq!(one.post("/api/me/password", body(present, bad)).await.problem(422), "invalid_fields");
    }
    let changed = one.post("/api/me/password", body(PASSWORD, new)).await;
    let one = server.owner.with_session(&changed);
    assert_eq!(two.get("/api/me").await.problem(401), "session_ended");
    let _ = one.get("/api/me").await.expect(200);
    assert_eq!(login(&server.owner, EMAIL, PASSWORD).await.problem(401), "invalid_login");
    let _ = login(&server.owner, EMAIL, new).await.expect(200);
    let history = one.get("/api/me/sign-ins").await.expect(200);
    let outcomes: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["success", "wrong_password", "password_changed", "success", "success"]);
    let records = server.owner.get("/api/audit?action=person.password_changed").await.expect(200);
    assert_eq!(records["total"], 1);
}

/// Security test 59: the limit of an account holds over 1,000 addresses, for right and wrong passwords alike, and is
/// the same for an account that does not exist.
#[tokio::test]
async fn the_limit_of_an_account_holds_over_a_thousand_addresses() {
    let server = TestServer::start().await;
    for email in [EMAIL, "nobody@example.com"] {
        let mut refused = 0;
        for number in 0..1_000_u32 {
            let origin = Origin {
                address: Some(std::net::IpAddr::from([198, 51, (number >> 8) as u8, number as u8])),
                user_agent: "test".into(),
            };
            match server.app.sign_in(email, "a wrong password!".into(), &origin).await {
                Err(flero_app::Error::TooManyAttempts { seconds: Some(1..=3_600) }) => refused += 1,
                Err(flero_app::Error::Unauthenticated(_)) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(refused, 994, "{email}");
        let answer = login(&server.owner, email, PASSWORD).await;
        assert_eq!(answer.problem(429), "too_many_attempts");
        assert_eq!(answer.headers["retry-after"], "31");
    }
    server.clock.advance(31_000);
    let _ = login(&server.owner, EMAIL, PASSWORD).await.expect(200);
    for _ in 0..5 {
        assert_eq!(login(&server.owner, EMAIL, "a wrong password!").await.problem(401), "invalid_login");
    }
}

/// Security test 59: attempts at the same time do not exceed the limit, and one address does not try for ever.
#[tokio::test]
async fn attempts_at_the_same_time_are_counted_before_they_are_made() {
    let server = TestServer::start().await;
    let tries = (0..40).map(|_| login(&server.owner, EMAIL, "a wrong password!"));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 6);
    let origin = Origin { address: Some("203.0.113.7".parse().unwrap()), user_agent: String::new() };
    let mut seen = 0;
    for number in 0..60 {
        let email = format!("person{number}@example.com");
        match server.app.sign_in(&email, "a wrong password!".into(), &origin).await {
            Err(flero_app::Error::Unauthenticated(_)) => seen += 1,
            Err(flero_app::Error::TooManyAttempts { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, 51);
}

#[tokio::test]
async fn an_account_is_made_with_a_token_alone() {
    let server = TestServer::start().await;
    let body = |more: serde_json::Value| {
        let mut body =
            json!({"name": "Eve", "email": "eve@example.com", "password": "a sentence of Eve alone"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let open = server.owner.anonymous();
    for (more, status, code) in [
        (json!({}), 403, "registration_closed"),
        (json!({"inviteToken": "x", "setupToken": "x"}), 403, "registration_closed"),
        (json!({"inviteToken": "x"}), 404, "invite_invalid"),
        (json!({"setupToken": "x"}), 409, "already_set_up"),
    ] {
        assert_eq!(open.post("/api/auth/register", body(more)).await.problem(status), code);
    }
    assert!(server.app.new_setup_token().await.is_err());
}

#[tokio::test]
async fn the_first_owner_is_made_once_with_the_set_up_link() {
    let server = TestServer::start_empty().await;
    let open = server.owner.anonymous();
    let body = |token: &str| {
        json!({"name": "Grace", "email": "grace@example.com", "password": "a ship in port is safe, but",
               "setupToken": token, "workspace": "Fleet"})
    };
    assert_eq!(open.post("/api/auth/register", body("guess")).await.problem(403), "registration_closed");
    let former = server.app.new_setup_token().await.unwrap();
    let token = server.app.new_setup_token().await.unwrap();
    assert_eq!(
        open.post("/api/auth/register", body(former.expose())).await.problem(403),
        "registration_closed"
    );
    let made = open.post("/api/auth/register", body(token.expose())).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let grace = open.with_session(&made);
    let me = grace.get("/api/me").await.expect(200);
    assert_eq!((me["role"].as_str(), me["workspaceName"].as_str()), (Some("owner"), Some("Fleet")));
    assert_eq!(open.post("/api/auth/register", body(token.expose())).await.problem(409), "already_set_up");
}
