//! Passkeys, with an authenticator in software: as second factor, as the only one, for a step-up; and what is refused.

use std::sync::atomic::Ordering;

use flero_testing::{Client, PASSWORD, TestServer};
use serde_json::{Value, json};

use crate::{
    authenticator::{Authenticator, Twist},
    matrix::guest,
    mfa::{EMAIL, login},
};

/// The origin of the pages: an address is no relying party, so loopback is `localhost`.
fn origin(server: &TestServer) -> String {
    format!("http://localhost:{}", server.address().rsplit(':').next().unwrap())
}

/// Adds a passkey; gives back the browser with its new session.
async fn add(browser: &Client, device: &mut Authenticator) -> (Client, Value) {
    let begun = browser.post("/api/me/passkeys/start", json!({})).await.expect(200);
    let credential = device.create(&begun["options"], &Twist::default());
    let body = json!({"name": "Laptop", "challenge": begun["challenge"], "credential": credential});
    let added = browser.post("/api/me/passkeys", body).await;
    let told = added.expect(201);
    (browser.with_session(&added), told)
}

async fn start(server: &TestServer) -> Value {
    server.owner.anonymous().post("/api/auth/passkey/start", json!({})).await.expect(200)
}

async fn sign_in(server: &TestServer, begun: &Value, credential: Value) -> flero_testing::Answer {
    let body = json!({"challenge": begun["challenge"], "credential": credential});
    server.owner.anonymous().post("/api/auth/passkey", body).await
}

#[tokio::test]
async fn a_passkey_is_a_second_factor_the_only_factor_and_a_step_up() {
    let server = TestServer::start().await;
    let mut device = Authenticator::new(&origin(&server));
    let other = server.owner.sign_in(EMAIL, PASSWORD).await;
    let (ada, told) = add(&server.owner.sign_in(EMAIL, PASSWORD).await, &mut device).await;
    assert_eq!(told["recoveryCodes"].as_array().unwrap().len(), 10);
    assert_eq!(other.get("/api/me").await.problem(401), "session_ended");

    // As second factor.
    let asked = login(&server).await;
    assert_eq!(asked.expect(200)["factors"], json!(["passkey", "recovery_code"]));
    let awaiting = server.owner.with_session(&asked);
    let begun = awaiting.post("/api/auth/mfa/passkey", json!({})).await.expect(200);
    assert_eq!(begun["options"]["publicKey"]["userVerification"], "required");
    let twist = Twist { without_handle: true, ..Twist::default() };
    let credential = device.answer(&begun["options"], &twist);
    let body = json!({"factor": "passkey", "challenge": begun["challenge"], "credential": credential});
    let done = awaiting.post("/api/auth/mfa", body).await;
    let _ = done.expect(200);
    let _ = server.owner.with_session(&done).get("/api/workflows").await.expect(200);

    // As the only one: no address, no password.
    let begun = start(&server).await;
    assert_eq!(begun["options"]["publicKey"]["allowCredentials"], json!([]));
    let alone = sign_in(&server, &begun, device.answer(&begun["options"], &Twist::default())).await;
    assert_eq!(alone.expect(200)["userId"], server.user.to_string());
    let alone = server.owner.with_session(&alone);
    let _ = alone.get("/api/workflows").await.expect(200);

    // For a step-up.
    server.clock.advance(300_000);
    assert_eq!(ada.post("/api/me/recovery-codes", json!({})).await.problem(403), "step_up_required");
    let begun = ada.post("/api/auth/step-up/passkey", json!({})).await.expect(200);
    let credential = device.answer(&begun["options"], &Twist::default());
    let body = json!({"factor": "passkey", "challenge": begun["challenge"], "credential": credential});
    let proved = ada.post("/api/auth/step-up", body).await;
    let _ = proved.expect(200);
    let ada = server.owner.with_session(&proved);
    let _ = ada.post("/api/me/recovery-codes", json!({})).await.expect(201);

    let held = ada.get("/api/me/mfa").await.expect(200);
    assert_eq!(
        (&held["passkeys"][0]["name"], &held["factors"]),
        (&json!("Laptop"), &json!(["passkey", "recovery_code"]))
    );
    assert!(held["passkeys"][0]["lastUsedAt"].is_string());
    let path = format!("/api/me/passkeys/{}", held["passkeys"][0]["id"].as_str().unwrap());
    assert_eq!(ada.patch(&path, json!({"name": " Phone "})).await.status, 204);
    assert_eq!(ada.patch(&path, json!({"name": ""})).await.problem(422), "invalid_fields");
    assert_eq!(ada.get("/api/me/mfa").await.expect(200)["passkeys"][0]["name"], "Phone");
    assert_eq!(ada.delete(&path).await.status, 204);
    assert_eq!(ada.delete(&path).await.problem(404), "not_found");
    assert_eq!(login(&server).await.expect(200)["mfaRequired"], false);
    let begun = start(&server).await;
    let gone = sign_in(&server, &begun, device.answer(&begun["options"], &Twist::default())).await;
    assert_eq!(gone.problem(401), "invalid_factor");
}

#[tokio::test]
async fn a_passkey_that_is_copied_between_devices_counts_nothing() {
    let server = TestServer::start().await;
    let mut device = Authenticator::synchronised(&origin(&server));
    let _ = add(&server.owner.sign_in(EMAIL, PASSWORD).await, &mut device).await;
    for _ in 0..3 {
        let begun = start(&server).await;
        let _ =
            sign_in(&server, &begun, device.answer(&begun["options"], &Twist::default())).await.expect(200);
    }
}

/// Security test 58: answers to a challenge that are not right, one thing wrong in each.
#[tokio::test]
async fn a_wrong_answer_to_a_challenge_is_refused() {
    let server = TestServer::start().await;
    let own = origin(&server);
    let mut device = Authenticator::new(&own);
    let (guest, _) = guest(&server, "grace@example.com", "editor").await;
    let _ = add(&server.owner.sign_in(EMAIL, PASSWORD).await, &mut device).await;
    let mut foreign = Authenticator::new(&own);
    let _ = add(&guest, &mut foreign).await;
    let twist = Twist::default;
    let wrong = [
        ("another origin", Twist { origin: Some("http://localhost:1".into()), ..twist() }),
        ("another scheme", Twist { origin: Some(own.replace("http", "https")), ..twist() }),
        ("a longer origin", Twist { origin: Some(format!("{own}.evil.example")), ..twist() }),
        ("a subdomain", Twist { origin: Some(own.replace("localhost", "x.localhost")), ..twist() }),
        ("no origin", Twist { origin: Some(String::new()), ..twist() }),
        ("another party", Twist { party: Some("evil.example".into()), ..twist() }),
        ("a suffix of the party", Twist { party: Some("host".into()), ..twist() }),
        ("a registration's type", Twist { kind: Some("webauthn.create"), ..twist() }),
        ("another challenge", Twist { challenge: Some(vec![7; 32]), ..twist() }),
        ("an empty challenge", Twist { challenge: Some(Vec::new()), ..twist() }),
        ("nobody there", Twist { without_presence: true, ..twist() }),
        ("nobody verified", Twist { without_verification: true, ..twist() }),
        ("a broken signature", Twist { with_broken_signature: true, ..twist() }),
        ("somebody else's handle", Twist { handle: Some(vec![9; 16]), ..twist() }),
        ("no handle", Twist { without_handle: true, ..twist() }),
        ("somebody else's credential", Twist { credential: Some(foreign.id.clone()), ..twist() }),
        ("no credential", Twist { credential: Some(Vec::new()), ..twist() }),
    ];
    for (what, twist) in &wrong {
        let begun = start(&server).await;
        let answer = sign_in(&server, &begun, device.answer(&begun["options"], twist)).await;
        assert_eq!(answer.problem(401), "invalid_factor", "{what}");
        // The challenge is gone with the first answer, whatever came of it.
        let again = sign_in(&server, &begun, device.answer(&begun["options"], &Twist::default())).await;
        assert_eq!(again.problem(401), "invalid_factor", "{what}");
    }
    for credential in [json!({}), json!(null), json!([]), json!("x"), json!({"id": "x"})] {
        let begun = start(&server).await;
        assert_eq!(sign_in(&server, &begun, credential).await.status, 401);
    }
    let begun = start(&server).await;
    let _ = sign_in(&server, &begun, device.answer(&begun["options"], &Twist::default())).await.expect(200);
}

/// Security test 58: a right answer at the wrong time, in the wrong place, or twice.
#[tokio::test]
async fn an_answer_is_taken_once_in_its_time_and_for_its_purpose() {
    let server = TestServer::start().await;
    let mut device = Authenticator::new(&origin(&server));
    let (ada, _) = add(&server.owner.sign_in(EMAIL, PASSWORD).await, &mut device).await;
    let right = |begun: &Value| device.answer(&begun["options"], &Twist::default());

    let begun = start(&server).await;
    let credential = right(&begun);
    let _ = sign_in(&server, &begun, credential.clone()).await.expect(200);
    assert_eq!(sign_in(&server, &begun, credential.clone()).await.problem(401), "invalid_factor", "replayed");
    let other = start(&server).await;
    assert_eq!(
        sign_in(&server, &other, credential).await.problem(401),
        "invalid_factor",
        "of another challenge"
    );

    let begun = start(&server).await;
    server.clock.advance(300_000);
    assert_eq!(sign_in(&server, &begun, right(&begun)).await.problem(401), "invalid_factor", "too late");

    // A challenge of one session proves nobody in another one, and none of a sign-in proves a session.
    let awaiting = server.owner.with_session(&login(&server).await);
    let another = server.owner.with_session(&login(&server).await);
    let present = |client: Client, begun: Value, credential: Value| async move {
        let body = json!({"factor": "passkey", "challenge": begun["challenge"], "credential": credential});
        client.post("/api/auth/mfa", body).await
    };
    let begun = another.post("/api/auth/mfa/passkey", json!({})).await.expect(200);
    let credential = right(&begun);
    assert_eq!(present(awaiting.clone(), begun, credential).await.problem(401), "invalid_factor");
    let begun = start(&server).await;
    let credential = right(&begun);
    assert_eq!(present(awaiting.clone(), begun, credential).await.problem(401), "invalid_factor");
    let begun = awaiting.post("/api/auth/mfa/passkey", json!({})).await.expect(200);
    assert_eq!(sign_in(&server, &begun, right(&begun)).await.problem(401), "invalid_factor");

    // A key that was used since the challenge was made is another one than the challenge was made for.
    let begun = awaiting.post("/api/auth/mfa/passkey", json!({})).await.expect(200);
    let alone = start(&server).await;
    let _ = sign_in(&server, &alone, right(&alone)).await.expect(200);
    let credential = right(&begun);
    assert_eq!(present(awaiting.clone(), begun, credential).await.problem(401), "invalid_factor");
    let begun = awaiting.post("/api/auth/mfa/passkey", json!({})).await.expect(200);
    let credential = right(&begun);
    let _ = present(awaiting.clone(), begun, credential).await.expect(200);

    // A counter that does not go on may be that of a copy.
    let begun = start(&server).await;
    let twist = Twist { counter: Some(1), ..Twist::default() };
    let stale = sign_in(&server, &begun, device.answer(&begun["options"], &twist)).await;
    assert_eq!(stale.problem(401), "invalid_factor", "an older counter");
    let begun = start(&server).await;
    let present_count = device.counter.load(Ordering::SeqCst);
    let _ = sign_in(&server, &begun, right(&begun)).await.expect(200);
    let begun = start(&server).await;
    let twist = Twist { counter: Some(present_count + 1), ..Twist::default() };
    let same = sign_in(&server, &begun, device.answer(&begun["options"], &twist)).await;
    assert_eq!(same.problem(401), "invalid_factor", "the same counter");
    let begun = start(&server).await;
    let twist = Twist { counter: Some(0), ..Twist::default() };
    let none = sign_in(&server, &begun, device.answer(&begun["options"], &twist)).await;
    assert_eq!(none.problem(401), "invalid_factor", "no counter any more");
    drop(ada);
}

/// Security test 58: passkeys that are not made as they should be, and those of somebody else.
#[tokio::test]
async fn a_wrong_new_passkey_is_refused() {
    let server = TestServer::start().await;
    let own = origin(&server);
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let twist = Twist::default;
    for (what, twist) in [
        ("another origin", Twist { origin: Some("https://evil.example".into()), ..twist() }),
        ("another party", Twist { party: Some("evil.example".into()), ..twist() }),
        ("an answer's type", Twist { kind: Some("webauthn.get"), ..twist() }),
        ("another challenge", Twist { challenge: Some(vec![7; 32]), ..twist() }),
        ("nobody there", Twist { without_presence: true, ..twist() }),
        ("nobody verified", Twist { without_verification: true, ..twist() }),
    ] {
        let begun = ada.post("/api/me/passkeys/start", json!({})).await.expect(200);
        let credential = Authenticator::new(&own).create(&begun["options"], &twist);
        let body = json!({"name": "x", "challenge": begun["challenge"], "credential": credential});
        assert_eq!(ada.post("/api/me/passkeys", body).await.problem(422), "invalid_fields", "{what}");
    }
    // The challenge of another session of the same person.
    let other = server.owner.sign_in(EMAIL, PASSWORD).await;
    let begun = other.post("/api/me/passkeys/start", json!({})).await.expect(200);
    let credential = Authenticator::new(&own).create(&begun["options"], &Twist::default());
    let body = json!({"name": "x", "challenge": begun["challenge"], "credential": credential});
    assert_eq!(ada.post("/api/me/passkeys", body).await.problem(422), "invalid_fields");
    let begun = ada.post("/api/me/passkeys/start", json!({})).await.expect(200);
    let credential = Authenticator::new(&own).create(&begun["options"], &Twist::default());
    let body = json!({"name": " ", "challenge": begun["challenge"], "credential": credential});
    assert_eq!(ada.post("/api/me/passkeys", body).await.problem(422), "invalid_fields");

    // A credential that is somebody else's already.
    let (guest, _) = guest(&server, "grace@example.com", "editor").await;
    let mut device = Authenticator::new(&own);
    let _ = add(&guest, &mut device).await;
    let begun = ada.post("/api/me/passkeys/start", json!({})).await.expect(200);
    let same = Twist { credential: Some(device.id.clone()), ..Twist::default() };
    let credential = Authenticator::new(&own).create(&begun["options"], &same);
    let body = json!({"name": "x", "challenge": begun["challenge"], "credential": credential});
    assert_eq!(ada.post("/api/me/passkeys", body).await.problem(409), "passkey_taken");
    assert_eq!(ada.get("/api/me/mfa").await.expect(200)["passkeys"], json!([]));
}
