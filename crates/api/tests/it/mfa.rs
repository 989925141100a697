//! One-time codes and recovery codes: set up, asked for, used once.

use data_encoding::BASE32_NOPAD;
use flero_model::Clock as _;
use flero_testing::{Answer, Client, PASSWORD, TestServer};
use futures_util::future::join_all;
use serde_json::{Value, json};

pub(crate) const EMAIL: &str = "ada@example.com";
/// The length of a step, in milliseconds.
const STEP_MS: i64 = 30_000;

/// An authenticator app: a library that is not the one of the server.
pub(crate) struct Phone(totp_rs::Totp);

impl Phone {
    /// The app after it read the secret that a page shows.
    pub(crate) fn reading(secret: &str) -> Self {
        let secret: [u8; 20] = BASE32_NOPAD.decode(secret.as_bytes()).unwrap().try_into().unwrap();
        Self(totp_rs::Builder::new().with_secret(secret).build().unwrap())
    }

    /// What it shows now.
    pub(crate) fn code(&self, server: &TestServer) -> String {
        let seconds = server.clock.now().as_millis() / 1_000;
        self.0.generate(u64::try_from(seconds).unwrap()).to_string()
    }
}

/// Sets codes up for somebody; gives back their browser, the app and the recovery codes.
pub(crate) async fn enrol(server: &TestServer, browser: &Client) -> (Client, Phone, Vec<String>) {
    let begun = browser.post("/api/me/totp", json!({})).await.expect(201);
    let phone = Phone::reading(begun["secret"].as_str().unwrap());
    let confirmed = browser.post("/api/me/totp/confirm", json!({"code": phone.code(server)})).await;
    let codes = confirmed.expect(200)["recoveryCodes"].clone();
    server.clock.advance(STEP_MS);
    (browser.with_session(&confirmed), phone, serde_json::from_value(codes).unwrap_or_default())
}

pub(crate) async fn login(server: &TestServer) -> Answer {
    server.owner.anonymous().post("/api/auth/login", json!({"email": EMAIL, "password": PASSWORD})).await
}

async fn present(awaiting: &Client, factor: &str, code: &str) -> Answer {
    awaiting.post("/api/auth/mfa", json!({"factor": factor, "code": code})).await
}

#[tokio::test]
async fn a_code_is_asked_for_once_it_is_set_up() {
    let server = TestServer::start().await;
    let (ada, other) =
        (server.owner.sign_in(EMAIL, PASSWORD).await, server.owner.sign_in(EMAIL, PASSWORD).await);
    let none = ada.get("/api/me/mfa").await.expect(200);
    assert_eq!(
        none,
        json!({"isRequired": false, "factors": [], "totpSince": null, "passkeys": [], "recoveryCodesLeft": 0})
    );
    let begun = ada.post("/api/me/totp", json!({})).await.expect(201);
    let uri = begun["otpauthUri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Flero%20127.0.0.1:ada%40example.com?secret="), "{uri}");
    let wrong = ada.post("/api/me/totp/confirm", json!({"code": "000000"})).await;
    assert_eq!(wrong.problem(422), "invalid_fields");
    assert_eq!(wrong.json()["errors"][0]["code"], "mfa.wrong_code");
    // Until it is confirmed, nothing is asked for.
    assert_eq!(login(&server).await.expect(200)["mfaRequired"], false);

    let (ada, phone, recovery) = enrol(&server, &ada).await;
    assert_eq!(recovery.len(), 10);
    assert_eq!(other.get("/api/me").await.problem(401), "session_ended");
    let held = ada.get("/api/me/mfa").await.expect(200);
    assert_eq!(
        (&held["factors"], &held["recoveryCodesLeft"]),
        (&json!(["totp", "recovery_code"]), &json!(10))
    );

    let asked = login(&server).await;
    let body = asked.expect(200);
    assert_eq!((&body["mfaRequired"], &body["factors"]), (&json!(true), &json!(["totp", "recovery_code"])));
    assert!(body.get("userId").is_none(), "nothing is told of somebody who is not signed in yet");
    let awaiting = server.owner.with_session(&asked);
    for path in ["/api/me", "/api/me/mfa", "/api/variables", "/api/me/sessions"] {
        assert_eq!(awaiting.get(path).await.problem(401), "session_ended", "{path}");
    }
    assert_eq!(awaiting.post("/api/auth/step-up", json!({"password": PASSWORD})).await.status, 401);
    let wrong = present(&awaiting, "totp", "000000").await;
    assert_eq!(wrong.problem(401), "invalid_factor");
    let done = present(&awaiting, "totp", &phone.code(&server)).await;
    assert_eq!(done.expect(200)["mfaRequired"], false);
    let signed_in = server.owner.with_session(&done);
    let _ = signed_in.get("/api/me").await.expect(200);
    assert_eq!(awaiting.get("/api/me").await.problem(401), "session_ended", "the token is another one");
    let outcomes: Vec<Value> = signed_in.get("/api/me/sign-ins").await.expect(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["outcome"].clone())
        .collect();
    assert_eq!(outcomes[..3], [json!("success"), json!("wrong_factor"), json!("factor_awaited")]);
    let records = server.owner.get("/api/audit?action=mfa.factor_added").await.expect(200);
    assert_eq!(records["items"][0]["detail"]["name"], "totp");
}

#[tokio::test]
async fn the_wait_for_a_factor_ends_after_five_minutes() {
    let server = TestServer::start().await;
    let (_, phone, _) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    let awaiting = server.owner.with_session(&login(&server).await);
    server.clock.advance(300_000);
    assert_eq!(present(&awaiting, "totp", &phone.code(&server)).await.problem(401), "session_ended");
    // A page of another site cannot even try.
    let awaiting = server.owner.with_session(&login(&server).await);
    let body = json!({"factor": "totp", "code": phone.code(&server)}).to_string();
    let foreign = [("content-type", "application/json"), ("origin", "https://evil.example")];
    assert_eq!(awaiting.send("POST", "/api/auth/mfa", &foreign, body).await.problem(403), "request_forged");
    for body in
        [json!({"factor": "totp"}), json!({"factor": "passkey"}), json!({"factor": "sms", "code": "1"})]
    {
        assert_eq!(awaiting.post("/api/auth/mfa", body).await.problem(422), "invalid_fields");
    }
}

/// Security test 57: a code opens once, whatever stands between its digits and whichever digits they are.
#[tokio::test]
async fn a_code_opens_once() {
    let server = TestServer::start().await;
    let (ada, phone, _) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    let before = phone.code(&server);
    server.clock.advance(STEP_MS);
    let code = phone.code(&server);
    let awaiting = server.owner.with_session(&login(&server).await);
    let _ = present(&awaiting, "totp", &format!(" {} {} ", &code[..3], &code[3..])).await.expect(200);
    let arabic: String =
        code.chars().map(|digit| char::from_u32(0x660 + digit.to_digit(10).unwrap()).unwrap()).collect();
    let spaced: String = code.chars().flat_map(|digit| [digit, '\u{200b}', '\u{a0}']).collect();
    // The code of the step before is younger than a step too, but older than the one that was taken.
    for again in [&code, &arabic, &spaced, &before] {
        let awaiting = server.owner.with_session(&login(&server).await);
        assert_eq!(present(&awaiting, "totp", again).await.problem(401), "invalid_factor", "{again}");
    }
    let stepped = ada.post("/api/auth/step-up", json!({"factor": "totp", "code": code})).await;
    assert_eq!(stepped.problem(422), "invalid_fields");
    server.clock.advance(STEP_MS);
    let fullwidth: String = phone
        .code(&server)
        .chars()
        .map(|digit| char::from_u32(0xff10 + digit.to_digit(10).unwrap()).unwrap())
        .collect();
    server.clock.advance(600_000);
    let awaiting = server.owner.with_session(&login(&server).await);
    assert_eq!(present(&awaiting, "totp", &fullwidth).await.problem(401), "invalid_factor", "too old");
}

/// Security test 57: of one code that is presented many times at once, one opens.
#[tokio::test]
async fn of_one_code_presented_at_once_one_opens() {
    let server = TestServer::start().await;
    let (_, phone, _) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    for _ in 0..3 {
        let mut waiting = Vec::new();
        for _ in 0..5 {
            waiting.push(server.owner.with_session(&login(&server).await));
        }
        let code = phone.code(&server);
        let answers = join_all(waiting.iter().map(|awaiting| present(awaiting, "totp", &code))).await;
        let opened = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(opened, 1);
        server.clock.advance(STEP_MS);
    }
}

/// Security test 59: guesses are limited, and a right code is not taken before its time.
#[tokio::test]
async fn guesses_of_a_code_are_limited() {
    let server = TestServer::start().await;
    let (_, phone, _) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    let mut refused = Vec::new();
    for _ in 0..8 {
        // Another session does not begin at nought.
        let awaiting = server.owner.with_session(&login(&server).await);
        refused.push(present(&awaiting, "totp", "000000").await.status.as_u16());
    }
    assert_eq!(refused, [401, 401, 401, 401, 401, 401, 429, 429]);
    let awaiting = server.owner.with_session(&login(&server).await);
    let limited = present(&awaiting, "totp", &phone.code(&server)).await;
    assert_eq!(limited.problem(429), "too_many_attempts");
    assert_eq!(limited.headers["retry-after"], "31");
    server.clock.advance(31_000);
    let _ = present(&awaiting, "totp", &phone.code(&server)).await.expect(200);
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_new_ones_end_the_former() {
    let server = TestServer::start().await;
    let (ada, _, codes) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    let typed = codes[0].to_uppercase().replace('-', " ");
    let awaiting = server.owner.with_session(&login(&server).await);
    let opened = present(&awaiting, "recovery_code", &typed).await;
    let _ = opened.expect(200);
    for again in [&codes[0], &typed] {
        let awaiting = server.owner.with_session(&login(&server).await);
        assert_eq!(present(&awaiting, "recovery_code", again).await.problem(401), "invalid_factor");
    }
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(server.owner.with_session(&login(&server).await));
    }
    let answers = join_all(waiting.iter().map(|one| present(one, "recovery_code", &codes[1]))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(ada.get("/api/me/mfa").await.expect(200)["recoveryCodesLeft"], 8);
    let used = server.owner.get("/api/audit?action=mfa.recovery_code_used").await.expect(200);
    assert_eq!(used["items"].as_array().unwrap().len(), 2);
    assert_eq!(used["items"][0]["detail"]["count"], 8);

    let fresh = ada.post("/api/me/recovery-codes", json!({})).await.expect(201);
    assert_eq!(fresh["recoveryCodes"].as_array().unwrap().len(), 10);
    let awaiting = server.owner.with_session(&login(&server).await);
    assert_eq!(present(&awaiting, "recovery_code", &codes[2]).await.problem(401), "invalid_factor");
    let new = fresh["recoveryCodes"][0].as_str().unwrap();
    let _ = present(&awaiting, "recovery_code", new).await.expect(200);
}

/// Security test 60: whoever has a factor steps up with it; the password alone is not enough, and neither is a change of
/// the password.
#[tokio::test]
async fn a_step_up_takes_the_factor_of_whoever_has_one() {
    let server = TestServer::start().await;
    let (ada, phone, codes) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    server.clock.advance(300_000);
    let refused = ada.post("/api/me/recovery-codes", json!({})).await;
    assert_eq!(refused.problem(403), "step_up_required");
    for (method, path) in
        [("POST", "/api/me/totp"), ("DELETE", "/api/me/totp"), ("POST", "/api/me/passkeys/start")]
    {
        assert_eq!(ada.send(method, path, &[], "").await.problem(403), "step_up_required", "{path}");
    }
    let by_password = ada.post("/api/auth/step-up", json!({"password": PASSWORD})).await;
    assert_eq!(by_password.problem(403), "factor_required");
    let change = json!({"password": PASSWORD, "newPassword": "another sentence of mine 88"});
    let changed = ada.post("/api/me/password", change).await;
    let _ = changed.expect(200);
    let ada = server.owner.with_session(&changed);
    assert_eq!(ada.post("/api/me/recovery-codes", json!({})).await.problem(403), "step_up_required");
    for body in [json!({}), json!({"password": "x", "factor": "totp", "code": "000000"})] {
        assert_eq!(ada.post("/api/auth/step-up", body).await.problem(422), "invalid_fields");
    }
    let proved = ada.post("/api/auth/step-up", json!({"factor": "totp", "code": phone.code(&server)})).await;
    let _ = proved.expect(200);
    let ada = server.owner.with_session(&proved);
    let _ = ada.post("/api/me/recovery-codes", json!({})).await.expect(201);
    let former = ada.post("/api/auth/step-up", json!({"factor": "recovery_code", "code": codes[0]})).await;
    assert_eq!(former.problem(422), "invalid_fields");
}

#[tokio::test]
async fn an_app_is_replaced_by_another_one_and_removed() {
    let server = TestServer::start().await;
    let (ada, first, _) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    let begun = ada.post("/api/me/totp", json!({})).await.expect(201);
    let second = Phone::reading(begun["secret"].as_str().unwrap());
    // The former one stays in use until the new one is confirmed.
    let awaiting = server.owner.with_session(&login(&server).await);
    let _ = present(&awaiting, "totp", &first.code(&server)).await.expect(200);
    let confirmed = ada.post("/api/me/totp/confirm", json!({"code": second.code(&server)})).await;
    assert!(confirmed.expect(200)["recoveryCodes"].is_null(), "those of the first time stay");
    let ada = server.owner.with_session(&confirmed);
    server.clock.advance(STEP_MS);
    let awaiting = server.owner.with_session(&login(&server).await);
    assert_eq!(present(&awaiting, "totp", &first.code(&server)).await.problem(401), "invalid_factor");
    let _ = present(&awaiting, "totp", &second.code(&server)).await.expect(200);

    let begun = ada.post("/api/me/totp", json!({})).await.expect(201);
    let third = Phone::reading(begun["secret"].as_str().unwrap());
    server.clock.advance(900_000);
    let proved = ada.post("/api/auth/step-up", json!({"factor": "totp", "code": second.code(&server)})).await;
    let ada = server.owner.with_session(&proved);
    let late = ada.post("/api/me/totp/confirm", json!({"code": third.code(&server)})).await;
    assert_eq!(late.problem(404), "not_found");
    assert_eq!(ada.delete("/api/me/totp").await.status, 204);
    assert_eq!(ada.delete("/api/me/totp").await.problem(404), "not_found");
    assert_eq!(ada.post("/api/me/recovery-codes", json!({})).await.problem(404), "not_found");
    assert_eq!(ada.get("/api/me/mfa").await.expect(200)["recoveryCodesLeft"], 0);
    assert_eq!(login(&server).await.expect(200)["mfaRequired"], false);
}

/// Security test 43: the shared secret and the recovery codes stand in no file.
#[tokio::test]
async fn the_secrets_of_factors_stand_in_no_file() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let begun = ada.post("/api/me/totp", json!({})).await.expect(201);
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let (_, _, codes) = enrol(&server, &ada).await;
    let raw = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let plain = codes[0].replace('-', "");
    let mut files = 0;
    for entry in std::fs::read_dir(server.folder()).unwrap().flatten().filter(|entry| entry.path().is_file())
    {
        files += 1;
        let bytes = std::fs::read(entry.path()).unwrap();
        for needle in [secret.as_bytes(), &raw, codes[0].as_bytes(), plain.as_bytes()] {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{:?}", entry.path());
        }
    }
    assert!(files > 0);
}

/// Security test 59: a password that somebody knows does not clear the count of the factors that they guess.
#[tokio::test]
async fn a_known_password_does_not_clear_the_count_of_wrong_factors() {
    let server = TestServer::start().await;
    let (ada, ..) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    let guess = async |browser: &Client| {
        browser.post("/api/auth/step-up", json!({"factor": "totp", "code": "000000"})).await.status.as_u16()
    };
    for _ in 0..6 {
        assert_eq!(guess(&ada).await, 422);
    }
    assert_eq!(guess(&ada).await, 429);
    let body = json!({"password": PASSWORD, "newPassword": "a new sentence about 7 bees"});
    let changed = ada.post("/api/me/password", body).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let ada = ada.with_session(&changed);
    assert_eq!(guess(&ada).await, 429, "the password is another authenticator");
    // And the other way round: who guesses factors does not keep the person from their own password.
    let body = json!({"password": "wrong", "newPassword": "another sentence about 8 bees"});
    assert_eq!(ada.post("/api/me/password", body).await.status, 422);
}

/// Security test 59: what failures closed is opened by an owner with a fresh proof, or at the machine, and by nobody else.
#[tokio::test]
async fn an_account_that_failures_closed_is_opened_again() {
    let server = TestServer::start().await;
    let (_, id) = crate::matrix::guest(&server, "grace@example.com", "admin").await;
    let address = "grace@example.com";
    let close = async || {
        for _ in 0..200 {
            let origin = flero_app::people::sessions::Origin::default();
            match server.app.sign_in(address, "a wrong password!".into(), &origin).await {
                Err(flero_app::Error::TooManyAttempts { seconds: None }) => return,
                Err(flero_app::Error::TooManyAttempts { .. }) => server.clock.advance(3_600_000),
                _ => {}
            }
        }
        panic!("it never closed");
    };
    let login = async |password: &str| {
        server
            .owner
            .anonymous()
            .post("/api/auth/login", json!({"email": address, "password": password}))
            .await
    };
    let own = "a guest's own sentence 7";
    close().await;
    let closed = login(own).await;
    assert_eq!(closed.problem(429), "too_many_attempts");
    assert!(!closed.headers.contains_key("retry-after"));
    let path = format!("/api/organization/members/{id}/unlock");
    assert_eq!(server.owner.post(&path, json!({})).await.problem(403), "session_required");
    let owner = server.owner.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(owner.post(&path, json!({})).await.status, 204);
    let grace = server.owner.with_session(&login(own).await);
    assert_eq!(grace.post(&path, json!({})).await.problem(403), "role_insufficient");
    let nobody = "/api/organization/members/usr_01h455vb4pex5vsknk084sn02q/unlock";
    assert_eq!(owner.post(nobody, json!({})).await.problem(404), "not_found");
    // An owner who could do so without end could guess a member's code.
    for _ in 0..3 {
        assert_eq!(owner.post(&path, json!({})).await.status, 204);
    }
    assert_eq!(owner.post(&path, json!({})).await.problem(429), "too_many_attempts");
    server.clock.advance(300_000);
    assert_eq!(owner.post(&path, json!({})).await.problem(403), "step_up_required");
    let records = server.owner.get("/api/audit?action=organization.member_unlocked").await.expect(200);
    assert_eq!((&records["total"], &records["items"][0]["target"]), (&json!(4), &json!(id)));
    // At the machine, where the only owner is let in, too.
    close().await;
    let user = server.app.unlock_account(" Grace@example.com").await.unwrap();
    assert_eq!(user.to_string(), id);
    assert_eq!(login(own).await.status, 200);
    assert!(server.app.unlock_account("nobody@example.com").await.is_err());
    let records = server.owner.get("/api/audit?action=organization.member_unlocked").await.expect(200);
    assert_eq!(
        (&records["items"][0]["actor"]["kind"], &records["items"][0]["detail"]["outcome"]),
        (&json!("system"), &json!("command_line"))
    );
}

/// A password that is given at the machine ends what was there, asks for the factor as before, and is told.
#[tokio::test]
async fn a_password_that_is_given_at_the_machine_ends_sessions_and_keeps_factors() {
    let server = TestServer::start().await;
    let (ada, phone, _) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    let new = "a sentence that the operator chose";
    for bad in ["short", "ada@example.com1"] {
        let refused = server.app.replace_password(EMAIL, bad.into()).await;
        assert!(matches!(refused, Err(flero_app::Error::Invalid(_))), "{bad}");
    }
    let _ = ada.get("/api/me").await.expect(200);
    server.app.replace_password(EMAIL, new.into()).await.unwrap();
    assert_eq!(ada.get("/api/me").await.problem(401), "session_ended");
    assert_eq!(login(&server).await.problem(401), "invalid_login");
    let asked =
        server.owner.anonymous().post("/api/auth/login", json!({"email": EMAIL, "password": new})).await;
    assert_eq!(asked.expect(200)["mfaRequired"], true);
    let ada = server.owner.with_session(&asked);
    let done = present(&ada, "totp", &phone.code(&server)).await;
    let ada = server.owner.with_session(&done);
    let history = ada.get("/api/me/sign-ins").await.expect(200);
    assert!(history["items"].as_array().unwrap().iter().any(|one| one["outcome"] == "password_replaced"));
    server.app.sweep_notifications().await.unwrap();
    let told = ada.get("/api/me/notifications").await.expect(200);
    let reasons: Vec<&Value> = told["items"].as_array().unwrap().iter().map(|one| &one["reason"]).collect();
    assert!(reasons.contains(&&json!("person.password_changed")), "{told}");
}
