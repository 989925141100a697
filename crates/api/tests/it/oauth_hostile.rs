//! Servers and people who mean harm while an account is connected.

use std::time::Duration;

use flero_testing::{Misbehaviour, Provider, TestServer};
use serde_json::{Value, json};
use url::Url;

use super::{
    oauth_attempts::{attempt, consent, page, start},
    oauth_tokens::answer,
};

/// The address of an attempt with some parameters set otherwise.
fn changed(started: &Value, changes: &[(&str, &str)]) -> Value {
    let mut url: Url = started["authorizationUrl"].as_str().unwrap().parse().unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let kept = pairs.into_iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    url.set_query(Some(
        &url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .extend_pairs(changes)
            .finish(),
    ));
    json!({ "authorizationUrl": url.as_str() })
}

fn parameter(started: &Value, name: &str) -> String {
    let url: Url = started["authorizationUrl"].as_str().unwrap().parse().unwrap();
    url.query_pairs().find(|(other, _)| other == name).unwrap().1.into_owned()
}

/// Security test 49: the mix-up attack with two servers (RFC 9207 section 1, RFC 9700 section 4.4). A person begins at the
/// evil one, which sends them on to the honest one with the state of its own attempt. The honest server's code is sent
/// nowhere: by the issuer in the answer, and by the redirect URI that each credential has for itself.
#[tokio::test]
async fn the_code_of_an_honest_server_is_not_given_to_an_evil_one() {
    let server = TestServer::start().await;
    let (honest, evil) = (Provider::start().await, Provider::start().await);
    for (names_issuer, error) in [(true, "issuer_mismatch"), (false, "wrong_callback")] {
        let (mut good, mut bad) =
            (honest.credential("authorization_code"), evil.credential("authorization_code"));
        if names_issuer {
            good["parameters"]["issuer"] = json!(honest.url(""));
            bad["parameters"]["issuer"] = json!(evil.url(""));
            honest.set_issuer(Some(&honest.url("")));
        } else {
            honest.set_issuer(None);
        }
        let (begun, attacked) = (start(&server, bad).await, start(&server, good).await);
        let whose = if names_issuer { &begun } else { &attacked };
        let (state, redirect) = (parameter(&begun, "state"), whose["redirectUri"].as_str().unwrap());
        let sent_on = changed(&attacked, &[("state", state.as_str()), ("redirect_uri", redirect)]);
        let back = consent(&server, &sent_on).await;
        let shown = page(&server, &back).await.text();
        assert!(shown.contains("it was not used"), "{shown}");
        assert_eq!(attempt(&server, &begun).await["error"], error);
        assert!(evil.requests().is_empty() && honest.requests().is_empty(), "the code was sent nowhere");
    }
}

/// Security test 48: a code that was given to somebody else is worth nothing in another attempt, because its verifier is
/// another one (RFC 9700 section 4.5).
#[tokio::test]
async fn a_code_that_is_injected_into_another_attempt_gives_nothing() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let body = provider.credential("authorization_code");
    let (own, victims) = (start(&server, body.clone()).await, start(&server, body).await);
    let code = |back: &str| back.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let (mine, theirs) = (consent(&server, &own).await, consent(&server, &victims).await);
    let injected = mine.replace(&code(&mine), &code(&theirs));
    let shown = page(&server, &injected).await.text();
    assert!(shown.contains("invalid_grant") && shown.contains("Not connected"), "{shown}");
    assert_eq!(attempt(&server, &own).await["status"], "failed");
    let asked = provider.requests();
    assert_eq!((asked.len(), asked[0]["code_verifier"].len()), (1, 43));
}

/// Security test 48: the callback leads nowhere else, whatever its query asks for.
#[tokio::test]
async fn the_callback_is_no_open_redirector() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let started = start(&server, provider.credential("authorization_code")).await;
    let back = consent(&server, &started).await;
    let evil = "https%3A%2F%2Fevil.example.com%2F";
    let names = ["redirect_uri", "redirect", "next", "return_to", "returnTo", "url", "continue"];
    let more: String = names.iter().map(|name| format!("&{name}={evil}")).collect();
    let answer = server.owner.anonymous().get(&format!("{back}{more}")).await;
    assert_eq!(answer.status, 303);
    let location = answer.headers["location"].to_str().unwrap();
    assert_eq!(location, format!("/oauth/done/{}", started["attemptId"].as_str().unwrap()));
    assert!(!server.owner.anonymous().get(location).await.text().contains("evil"));
}

/// What an issuer may answer about itself, and what is made of it: the issuer exactly as it is set up, over the guard, in
/// bounds, without a redirect (RFC 8414 section 3.3).
#[tokio::test]
async fn an_issuers_metadata_is_its_own_small_and_where_it_belongs() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let issuer = provider.url("");
    let metadata = |issuer: &str, more: &str| {
        let text = format!(
            r#"{{"issuer":"{issuer}","authorization_endpoint":"{}","token_endpoint":"{}"{more}}}"#,
            provider.url("/authorize"),
            provider.url("/token")
        );
        answer(200, "application/json", &text)
    };
    let redirect =
        Misbehaviour { headers: vec![("location".into(), provider.url("/else"))], ..answer(302, "", "") };
    let ask = async |issuer: &str| {
        let mut body = provider.credential("authorization_code");
        let parameters = body["parameters"].as_object_mut().unwrap();
        parameters.retain(|name, _| !name.ends_with("Url"));
        parameters.insert("issuer".to_owned(), json!(issuer));
        server.owner.post("/api/credentials/oauth/start", body).await
    };
    provider.publish(metadata(&issuer, ""));
    let begun = ask(&issuer).await.expect(201);
    assert!(begun["authorizationUrl"].as_str().unwrap().starts_with(&provider.url("/authorize?")));
    let loopback = issuer.replace("127.0.0.1", "LOCALHOST");
    let downgrade = r#","code_challenge_methods_supported":["plain"]"#;
    let large = format!(r#","x":"{}""#, "a".repeat(10 << 20));
    for (name, published, said) in [
        ("a slash more", metadata(&format!("{issuer}/"), ""), "another issuer"),
        ("another host", metadata(&loopback, ""), "another issuer"),
        ("no issuer", answer(200, "application/json", "{}"), "another issuer"),
        ("plain alone", metadata(&issuer, downgrade), "S256"),
        ("a page", answer(200, "text/html", "<html>"), "well-known"),
        ("nothing", answer(404, "", ""), "well-known"),
        ("a redirect", redirect, "redirects"),
        ("10 MB", metadata(&issuer, &large), "could not be read"),
    ] {
        provider.publish(published);
        let problem = ask(&issuer).await.expect(422);
        let fault = &problem["errors"][0];
        assert_eq!(
            (&fault["pointer"], &fault["code"]),
            (&json!("/parameters/issuer"), &json!("credential.issuer"))
        );
        assert!(fault["message"].as_str().unwrap().contains(said), "{name}: {problem}");
    }
    // Where nobody's issuer is: cloud metadata, and a name without TLS.
    for issuer in ["https://169.254.169.254", "http://169.254.169.254/latest", "http://id.example.com"] {
        let problem = ask(issuer).await.expect(422);
        assert_eq!(problem["errors"][0]["pointer"], "/parameters/issuer", "{issuer}: {problem}");
    }
}

/// RFC 8628 section 3.5: polls come at the interval, five seconds apart more after `slow_down`, and end with the code; the
/// person is told how it ended.
#[tokio::test]
async fn a_device_code_is_polled_for_no_faster_than_the_service_wants() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let mut body = provider.credential("urn:ietf:params:oauth:grant-type:device_code");
    body["parameters"]["deviceAuthorizationUrl"] = json!(provider.url("/device"));
    let ended = async |started: &Value, seconds: u64| {
        for _ in 0..seconds * 10 {
            let told = attempt(&server, started).await;
            if told["status"] != "pending" {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it does not end");
    };
    provider.answer_polls(&["authorization_pending", "slow_down"]);
    let started = start(&server, body.clone()).await;
    assert_eq!(started["userCode"], "WDJB-MJHT");
    let told = ended(&started, 60).await;
    assert_eq!(told["status"], "connected", "{told}");
    let pauses = provider.polls();
    assert_eq!(pauses.len(), 3);
    assert!(pauses[0] >= Duration::from_secs(1) && pauses[1] >= Duration::from_secs(1), "{pauses:?}");
    assert!(pauses[2] >= Duration::from_secs(6) && pauses[2] < Duration::from_secs(30), "{pauses:?}");
    // What the service refuses, and a code that nobody typed.
    for (error, advice) in [("access_denied", "authorize again"), ("expired_token", "begin again")] {
        provider.answer_polls(&[error]);
        let told = ended(&start(&server, body.clone()).await, 60).await;
        assert_eq!((&told["status"], &told["error"]), (&json!("failed"), &json!(error)));
        assert!(told["message"].as_str().unwrap().contains(advice), "{told}");
    }
    provider.answer_polls(&["authorization_pending"; 9]);
    provider.set_device_life(2);
    let told = ended(&start(&server, body).await, 60).await;
    assert_eq!(told["error"], "expired_token");
    let asked = provider.polls().len();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(provider.polls().len(), asked, "nobody asks any more");
}
