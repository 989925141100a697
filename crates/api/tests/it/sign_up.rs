//! Signing oneself up with an address of a domain that the organization takes people of.

use flero_testing::{Answer, PASSWORD, TestServer};
use serde_json::{Value, json};

use crate::{matrix::guest, mfa::EMAIL, notifications::Mails};

async fn ask(server: &TestServer, email: &str) -> Answer {
    server.owner.anonymous().post("/api/auth/sign-up", json!({"email": email})).await
}

/// Everybody of `example.org` may become a viewer.
async fn open(server: &TestServer) -> Answer {
    let policies = json!({"inviteDomains": ["example.org", "example.com"],
        "signUp": {"workspaceId": server.workspace, "role": "viewer"}});
    server.owner.sign_in(EMAIL, PASSWORD).await.put("/api/organization/policies", policies).await
}

/// The token of the link in a mail.
fn token(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let link = text.lines().find(|line| line.contains("/invite/")).unwrap();
    link.rsplit('/').next().unwrap().trim().to_owned()
}

#[tokio::test]
async fn whoever_has_an_address_of_the_domain_is_sent_an_invitation() {
    let server = TestServer::start().await;
    assert_eq!(ask(&server, "bob@example.org").await.problem(403), "registration_closed");
    let closed = open(&server).await;
    assert_eq!(closed.problem(422), "invalid_fields");
    assert_eq!(
        closed.json()["errors"][0]["code"],
        "policy.sign_up",
        "nothing proves an address without mail"
    );
    let mails = Mails::of(&server);
    let _ = open(&server).await.expect(200);

    for other in ["bob@example.net", "bob@sub.example.org", "bob@example.org.example.net"] {
        assert_eq!(ask(&server, other).await.problem(403), "registration_closed", "{other}");
    }
    assert_eq!(ask(&server, "nobody").await.problem(422), "invalid_fields");
    assert_eq!(ask(&server, "Bob@Example.org").await.status, 202);
    let [mail] = &mails.all()[..] else { panic!("one mail: {:?}", mails.all()) };
    assert_eq!(mail["to"], json!(["bob@example.org"]));
    let token = token(mail);
    let register = |email: &str| json!({"name": "Bob", "email": email, "password": "bob built a boat once", "inviteToken": token});
    let browser = server.owner.anonymous();
    // The link is for the address that it was sent to.
    let other = browser.post("/api/auth/register", register("eve@example.org")).await;
    assert_eq!(other.problem(422), "invalid_fields");
    let made = browser.post("/api/auth/register", register("bob@example.org")).await;
    let bob = browser.with_session(&made);
    assert_eq!(bob.get("/api/me").await.expect(200)["role"], "viewer");
    let owner = server.owner.sign_in(EMAIL, PASSWORD).await;
    let invited = owner.get("/api/audit?action=member.invited").await.expect(200);
    assert_eq!(
        (&invited["items"][0]["actor"]["kind"], &invited["items"][0]["detail"]["outcome"]),
        (&json!("system"), &json!("sign_up"))
    );
}

/// Whoever has an account is answered and mailed as somebody who has none; what they are is not taken away, and neither
/// is an invitation that somebody else made.
#[tokio::test]
async fn an_address_with_an_account_is_not_told_from_one_without() {
    let server = TestServer::start().await;
    let mails = Mails::of(&server);
    let _ = open(&server).await.expect(200);
    let (admin, _) = guest(&server, "admin@example.org", "admin").await;
    let owner = server.owner.sign_in(EMAIL, PASSWORD).await;
    let invite = json!({"emails": ["new@example.org"], "role": "editor"});
    let _ = owner.post("/api/invites", invite).await.expect(201);
    for email in ["admin@example.org", "new@example.org"] {
        let answer = ask(&server, email).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (202, String::new()));
    }
    let [to_admin, to_new] = &mails.all()[..] else { panic!("two mails: {:?}", mails.all()) };
    let shape = |mail: &Value| mail["text"].as_str().unwrap().replace(&token(mail), "TOKEN");
    assert_eq!(shape(to_admin), shape(to_new));
    let accepted = admin.post("/api/me/invites", json!({"token": token(to_admin)})).await;
    assert_eq!(accepted.status, 204);
    assert_eq!(admin.get("/api/me").await.expect(200)["role"], "admin");
    let told = admin.post("/api/auth/invite", json!({"token": token(to_new)})).await.expect(200);
    assert_eq!(told["role"], "editor");
}

#[tokio::test]
async fn nobody_is_mailed_again_and_again_or_into_a_workspace_that_rests() {
    let server = TestServer::start().await;
    let mails = Mails::of(&server);
    let _ = open(&server).await.expect(200);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(ask(&server, "bob@example.org").await.status.as_u16());
    }
    assert_eq!(statuses, [202, 202, 202, 202, 429]);
    assert_eq!(mails.all().len(), 4);
    let owner = server.owner.sign_in(EMAIL, PASSWORD).await;
    for (role, domains) in [("admin", json!(["example.org"])), ("viewer", json!([]))] {
        let policies =
            json!({"inviteDomains": domains, "signUp": {"workspaceId": server.workspace, "role": role}});
        let refused = owner.put("/api/organization/policies", policies).await;
        assert_eq!(refused.problem(422), "invalid_fields", "{role}");
    }
    let archive = format!("/api/workspaces/{}/archive", server.workspace);
    assert_eq!(owner.post(&archive, json!({})).await.status, 204);
    assert_eq!(ask(&server, "eve@example.org").await.problem(403), "registration_closed");
}

/// An invitation that somebody asked for holds for as long as they could ask for it; what an admin gave them stays.
#[tokio::test]
async fn an_invitation_that_was_asked_for_ends_with_the_policy() {
    let server = TestServer::start().await;
    let mails = Mails::of(&server);
    let owner = server.owner.sign_in(EMAIL, PASSWORD).await;
    let policies = async |sign_up: Value| {
        let policies = json!({"inviteDomains": ["example.org"], "signUp": sign_up});
        let _ = owner.put("/api/organization/policies", policies).await.expect(200);
    };
    let place = |role: &str| json!({"workspaceId": server.workspace, "role": role});
    let tell = async |token: &str| {
        let told = server.owner.anonymous().post("/api/auth/invite", json!({"token": token})).await;
        told.json()["role"].as_str().unwrap_or_default().to_owned()
    };
    policies(place("editor")).await;
    for email in ["editor@example.org", "admin@example.org"] {
        if email.starts_with("admin") {
            let invite = json!({"emails": [email], "role": "admin"});
            let _ = owner.post("/api/invites", invite).await.expect(201);
        }
        assert_eq!(ask(&server, email).await.status, 202);
    }
    let [asked, given] = &mails.all()[..] else { panic!("two mails: {:?}", mails.all()) };
    let (asked, given) = (token(asked), token(given));
    assert_eq!((tell(&asked).await, tell(&given).await), ("editor".to_owned(), "admin".to_owned()));
    for closed in [Value::Null, place("viewer")] {
        policies(closed).await;
        assert_eq!((tell(&asked).await, tell(&given).await), (String::new(), "admin".to_owned()));
        let body = json!({"name": "E", "email": "editor@example.org", "password": "an editor's own sentence",
            "inviteToken": asked});
        let refused = server.owner.anonymous().post("/api/auth/register", body).await;
        assert_eq!(refused.problem(404), "invite_invalid");
    }
    // Whoever asks anew is invited to what the policy gives now, and not to what it gave.
    assert_eq!(ask(&server, "editor@example.org").await.status, 202);
    assert_eq!(tell(&token(mails.all().last().unwrap())).await, "viewer");
}
