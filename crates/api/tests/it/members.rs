//! Members, invitations, workspaces: what becomes of rights that are taken away.

use flero_testing::{PASSWORD, Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, bearer, matrix::guest};

#[tokio::test]
async fn an_invitation_is_for_one_address_once_and_for_seven_days() {
    let server = TestServer::start().await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let body = json!({"emails": ["Bob@example.com", "eve@example.com"], "role": "editor"});
    let made = owner.post("/api/invites", body).await.expect(201);
    let token = |place: usize| {
        let url = made["items"][place]["url"].as_str().unwrap();
        assert!(url.contains("/invite/"));
        url.rsplit('/').next().unwrap().to_owned()
    };
    let open = server.owner.anonymous();
    let told = open.post("/api/auth/invite", json!({"token": token(0)})).await.expect(200);
    assert_eq!(
        (told["email"].as_str(), told["hasAccount"].as_bool()),
        (Some("bob@example.com"), Some(false))
    );
    let register = |email: &str, token: String| json!({"name": "Bob", "email": email, "password": "bob built a boat once", "inviteToken": token});
    let other = open.post("/api/auth/register", register("mallory@example.com", token(0))).await;
    assert_eq!(other.problem(422), "invalid_fields");
    let made_account = open.post("/api/auth/register", register("bob@example.com", token(0))).await;
    let bob = open.with_session(&made_account);
    assert_eq!(bob.get("/api/me").await.expect(200)["role"], "editor");
    let again = open.post("/api/auth/register", register("bob@example.com", token(0))).await;
    assert_eq!(again.problem(404), "invite_invalid");
    assert_eq!(bob.post("/api/me/invites", json!({"token": token(1)})).await.problem(404), "invite_invalid");
    let pending = owner.get("/api/invites").await.expect(200);
    assert_eq!(
        (pending["total"].as_u64(), pending["items"][0]["email"].as_str()),
        (Some(1), Some("eve@example.com"))
    );
    server.clock.advance(7 * 86_400_000);
    let late = open.post("/api/auth/register", register("eve@example.com", token(1))).await;
    assert_eq!(late.problem(404), "invite_invalid");
    let late = open.post("/api/auth/invite", json!({"token": token(1)})).await;
    assert_eq!(late.problem(404), "invite_invalid", "nothing of it is told any more");
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let id = pending["items"][0]["id"].as_str().unwrap();
    assert_eq!(owner.delete(&format!("/api/invites/{id}")).await.status, 204);
    assert_eq!(owner.delete(&format!("/api/invites/{id}")).await.problem(404), "not_found");
    let csv = json!({"csv": "email,role\nx@example.com,admin\ny@example.com", "role": "viewer"});
    let made = owner.post("/api/invites", csv).await.expect(201);
    assert_eq!(
        (made["items"][0]["role"].as_str(), made["items"][1]["role"].as_str()),
        (Some("admin"), Some("viewer"))
    );
    for bad in [
        json!({"role": "viewer"}),
        json!({"emails": [], "role": "viewer"}),
        json!({"emails": ["a@b.c", "no"], "role": "viewer"}),
    ] {
        assert_eq!(owner.post("/api/invites", bad).await.problem(422), "invalid_fields");
    }
}

#[tokio::test]
async fn an_invitation_that_was_accepted_or_taken_back_lets_nobody_in_and_is_not_sent_again() {
    let server = TestServer::start().await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let open = server.owner.anonymous();
    let invite = async |email: &str, role: &str| {
        let made = owner.post("/api/invites", json!({"emails": [email], "role": role})).await.expect(201);
        let token = made["items"][0]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let pending = owner.get("/api/invites").await.expect(200);
        let found = pending["items"].as_array().unwrap().iter().find(|one| one["email"] == email).unwrap();
        (format!("/api/invites/{}", found["id"].as_str().unwrap()), token)
    };
    let register = |token: &str| json!({"name": "Bob", "email": "bob@example.com", "password": "bob built a boat once", "inviteToken": token});
    let (former, former_token) = invite("bob@example.com", "editor").await;
    let sent = owner.post(&format!("{former}/resend"), json!({})).await.expect(200);
    let token = sent["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let late = open.post("/api/auth/register", register(&former_token)).await;
    assert_eq!(late.problem(404), "invite_invalid", "the link of a former letter");
    let pending = owner.get("/api/invites").await.expect(200);
    assert_eq!(pending["total"], 1);
    let accepted = format!("/api/invites/{}", pending["items"][0]["id"].as_str().unwrap());
    let bob = open.with_session(&open.post("/api/auth/register", register(&token)).await);
    assert_eq!(bob.get("/api/me").await.expect(200)["role"], "editor");
    let (revoked, revoked_token) = invite("bob@example.com", "admin").await;
    assert_eq!(owner.delete(&revoked).await.status, 204);

    for (invite, token) in [(&accepted, &token), (&revoked, &revoked_token)] {
        let again = owner.post(&format!("{invite}/resend"), json!({})).await;
        assert_eq!(again.problem(404), "not_found", "{invite}");
        let told = open.post("/api/auth/invite", json!({"token": token})).await;
        assert_eq!(told.problem(404), "invite_invalid", "{invite}");
        let taken = bob.post("/api/me/invites", json!({"token": token})).await;
        assert_eq!(taken.problem(404), "invite_invalid", "{invite}");
    }
    assert_eq!(owner.get("/api/invites").await.expect(200)["total"], 0);
    assert_eq!(bob.get("/api/me").await.expect(200)["role"], "editor");
}

/// Whom somebody may remove depends on what those are: an admin takes a fresh proof, an owner an owner.
#[tokio::test]
async fn removing_a_member_is_judged_by_the_role_of_whom_it_is_about() {
    let server = TestServer::start().await;
    let (admin, _) = guest(&server, "grace@example.com", "admin").await;
    let (_, other) = guest(&server, "hedy@example.com", "admin").await;
    let (editor, _) = guest(&server, "bob@example.com", "editor").await;
    let (_, viewer) = guest(&server, "eve@example.com", "viewer").await;
    let [owner, other, viewer] =
        [server.user.to_string(), other, viewer].map(|id| format!("/api/members/{id}"));
    assert_eq!(admin.delete(&owner).await.problem(403), "role_insufficient");
    assert_eq!(editor.delete(&viewer).await.problem(403), "role_insufficient");
    server.clock.advance(300_000);
    assert_eq!(admin.delete(&other).await.problem(403), "step_up_required");
    assert_eq!(admin.delete(&viewer).await.status, 204);
    let proof = json!({"password": "a guest's own sentence 7"});
    let admin = admin.with_session(&admin.post("/api/auth/step-up", proof).await);
    assert_eq!(admin.delete(&owner).await.problem(403), "role_insufficient");
    assert_eq!(admin.delete(&other).await.status, 204);
}

/// Security test 60: what makes an administrator needs a fresh proof, and no key can do it.
#[tokio::test]
async fn making_an_admin_needs_a_step_up() {
    let server = TestServer::start().await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (_, id) = guest(&server, "bob@example.com", "editor").await;
    let path = format!("/api/members/{id}");
    assert_eq!(server.owner.patch(&path, json!({"role": "admin"})).await.problem(403), "session_required");
    server.clock.advance(300_000);
    assert_eq!(owner.patch(&path, json!({"role": "admin"})).await.problem(403), "step_up_required");
    let invite = json!({"emails": ["x@example.com"], "role": "admin"});
    assert_eq!(owner.post("/api/invites", invite).await.problem(403), "step_up_required");
    let owner = owner.with_session(&owner.post("/api/auth/step-up", json!({"password": PASSWORD})).await);
    assert_eq!(owner.patch(&path, json!({"role": "admin"})).await.status, 204);
    assert_eq!(owner.patch(&path, json!({"role": "viewer"})).await.status, 204);
}

#[tokio::test]
async fn somebody_stays_owner() {
    let server = TestServer::start().await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (bob, id) = guest(&server, "bob@example.com", "viewer").await;
    let own = format!("/api/members/{}", server.user);
    assert_eq!(owner.patch(&own, json!({"role": "admin"})).await.problem(409), "last_owner");
    assert_eq!(owner.delete(&own).await.problem(409), "last_owner");
    let organization = format!("/api/organization/members/{}", server.user);
    assert_eq!(owner.patch(&organization, json!({"role": "member"})).await.problem(409), "last_owner");
    let transfer = format!("/api/workspaces/{}/transfer", server.workspace);
    assert_eq!(owner.post(&transfer, json!({"userId": id})).await.status, 204);
    assert_eq!(bob.get("/api/me").await.expect(200)["role"], "owner");
    assert_eq!(owner.get("/api/me").await.expect(200)["role"], "admin");
    assert_eq!(
        owner.patch(&format!("/api/members/{id}"), json!({"role": "viewer"})).await.problem(403),
        "role_insufficient"
    );
    assert_eq!(owner.delete(&own).await.status, 204);
    let workspace = format!("/api/workspaces/{}", server.workspace);
    let renamed = bob.patch(&workspace, json!({"name": "Bob's"})).await.expect(200);
    assert_eq!(renamed["name"], "Bob's");
    assert_eq!(bob.delete(&workspace).await.problem(422), "invalid_fields");
    assert_eq!(bob.delete(&format!("{workspace}?confirm=Bob%27s")).await.status, 204);
    assert_eq!(bob.get("/api/me").await.expect(200)["workspaces"], json!([]));
}

/// Security test 22: a workflow that somebody else runs, saves, takes over or copies takes no credential along; whose rights
/// count is asked when it runs.
#[tokio::test]
async fn credentials_do_not_travel_with_a_workflow() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (bob, id) = guest(&server, "bob@example.com", "editor").await;
    let mut own = bearer(&service);
    own["scope"] = json!("personal");
    let personal = bob.post("/api/credentials", own).await.expect(201)["id"].clone();
    let shared = owner.post("/api/credentials", bearer(&service)).await.expect(201)["id"].clone();
    let document = |credential: &Value| {
        let mut call = crate::node("call", "HTTPRequest", json!({"url": service.url("/me")}));
        call["credentialId"] = credential.clone();
        crate::chain(vec![crate::node("s", "Start", json!({})), call])
    };
    let made = bob.post("/api/workflows", document(&personal)).await.expect(201);
    let path = format!("/api/workflows/{}", made["id"].as_str().unwrap());
    let run = format!("{path}/run?wait=true");
    assert_eq!(bob.post(&run, json!({})).await.expect(200)["status"], "success");
    let seen = service.seen().len();
    // Run by somebody else, it acts for them; and they can neither save it nor make one of it.
    assert_eq!(owner.post(&run, json!({})).await.expect(200)["status"], "failed");
    assert_eq!(owner.json("PUT", &path, &document(&personal)).await.status, 404);
    assert_eq!(owner.post("/api/workflows", document(&personal)).await.status, 404);
    // Handing the workspace over changes nothing of that.
    let handed = format!("/api/workspaces/{}/transfer", server.workspace);
    assert_eq!(owner.post(&handed, json!({"userId": id})).await.status, 204);
    assert_eq!(owner.post(&run, json!({})).await.expect(200)["status"], "failed");
    assert_eq!(service.seen().len(), seen);
    assert_eq!(bob.post(&run, json!({})).await.expect(200)["status"], "success");
    // Another workspace of the same people has none of the credentials of this one.
    let other = owner.post("/api/workspaces", json!({"name": "Second"})).await.expect(201)["id"].clone();
    let there = owner.in_workspace(other.as_str().unwrap());
    for credential in [&personal, &shared] {
        assert_eq!(there.post("/api/workflows", document(credential)).await.status, 404);
    }
}

/// Security test 22, 23: whoever lost the right to a credential cannot use it any more within a second, in a session, by
/// a key, and in a run that acts for them.
#[tokio::test]
async fn a_right_that_is_taken_away_is_gone_within_a_second() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (bob, id) = guest(&server, "bob@example.com", "editor").await;
    let shared = owner.post("/api/credentials", bearer(&service)).await.expect(201)["id"].clone();
    let mut own = bearer(&service);
    own["scope"] = json!("personal");
    let personal = bob.post("/api/credentials", own).await.expect(201)["id"].as_str().unwrap().to_owned();
    assert_eq!(owner.get(&format!("/api/credentials/{personal}")).await.problem(404), "not_found");
    let mut workflows = Vec::new();
    for credential in [&shared, &json!(personal)] {
        let mut call = crate::node("call", "HTTPRequest", json!({"url": service.url("/me")}));
        call["credentialId"] = credential.clone();
        let document = crate::chain(vec![crate::node("s", "Start", json!({})), call]);
        let made = bob.post("/api/workflows", document).await.expect(201);
        workflows.push(format!("/api/workflows/{}/run?wait=true", made["id"].as_str().unwrap()));
    }
    for path in &workflows {
        assert_eq!(bob.post(path, json!({})).await.expect(200)["status"], "success", "{path}");
    }
    let key = json!({"name": "k", "scopes": ["executions:write", "credentials:read"]});
    let key = bob.post("/api/api-keys", key).await.expect(201)["key"].as_str().unwrap().to_owned();
    let by_key = server.owner.with_key(&key);
    assert_eq!(by_key.post(&workflows[0], json!({})).await.status, 200);

    // A viewer: the next request, the next run, and the key are held to the new role.
    assert_eq!(owner.patch(&format!("/api/members/{id}"), json!({"role": "viewer"})).await.status, 204);
    server.clock.advance(999);
    assert_eq!(bob.post(&workflows[0], json!({})).await.problem(403), "role_insufficient");
    assert_eq!(by_key.post(&workflows[0], json!({})).await.problem(403), "role_insufficient");
    let seen = service.seen().len();
    // A stranger: nothing is there any more, and the Personal credential works for nobody.
    assert_eq!(owner.delete(&format!("/api/members/{id}")).await.status, 204);
    server.clock.advance(999);
    for path in &workflows {
        assert!([400, 404].contains(&bob.post(path, json!({})).await.status.as_u16()));
    }
    assert_eq!(by_key.get("/api/credentials").await.problem(401), "invalid_api_key");
    let run = owner.post(&workflows[1], json!({})).await.expect(200);
    assert_eq!(run["status"], "failed", "{run}");
    assert_eq!(service.seen().len(), seen);
    let (bob, _) = {
        let body = json!({"emails": ["bob@example.com"], "role": "editor"});
        let made = owner.post("/api/invites", body).await.expect(201);
        let token = made["items"][0]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        assert_eq!(bob.post("/api/me/invites", json!({"token": token})).await.status, 204);
        (bob, token)
    };
    server.clock.advance(999);
    assert_eq!(
        by_key.get("/api/credentials").await.problem(401),
        "invalid_api_key",
        "a key of before stays revoked"
    );
    let back = bob.get(&format!("/api/credentials/{personal}")).await.expect(200);
    assert_eq!(back["status"], "expired");
}

#[tokio::test]
async fn a_scope_is_changed_by_whoever_administers_the_wider_place() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (bob, _) = guest(&server, "bob@example.com", "editor").await;
    let mut body = bearer(&service);
    body["scope"] = json!("personal");
    let bobs =
        bob.post("/api/credentials", body.clone()).await.expect(201)["id"].as_str().unwrap().to_owned();
    let widen = format!("/api/credentials/{bobs}/scope");
    // Whoever may not do it asks for it.
    assert_eq!(bob.post(&widen, json!({"scope": "workspace"})).await.expect(202)["status"], "open");
    assert_eq!(owner.post(&widen, json!({"scope": "workspace"})).await.problem(404), "not_found");

    let made = owner.post("/api/credentials", body).await.expect(201);
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/credentials/{id}/scope");
    let mut call = crate::node("call", "HTTPRequest", json!({"url": service.url("/me")}));
    call["credentialId"] = json!(id);
    let document = crate::chain(vec![crate::node("s", "Start", json!({})), call]);
    let workflow =
        owner.post("/api/workflows", document).await.expect(201)["id"].as_str().unwrap().to_owned();
    let run = format!("/api/workflows/{workflow}/run?wait=true");
    assert_eq!(bob.post(&run, json!({})).await.expect(200)["status"], "failed");

    let effect = owner.post(&format!("{path}?preview=true"), json!({"scope": "workspace"})).await.expect(200);
    assert_eq!(
        (effect["gains"][0]["name"].as_str(), effect["from"].as_str()),
        (Some("Guest"), Some("personal"))
    );
    assert_eq!(bob.get(&format!("/api/credentials/{id}")).await.status, 404, "a preview changes nothing");
    assert_eq!(owner.post(&path, json!({"scope": "workspace"})).await.expect(200)["scope"], "workspace");
    server.clock.advance(999);
    let ran = bob.post(&run, json!({})).await.expect(200);
    assert_eq!(ran["status"], "success", "{ran}");

    assert_eq!(
        server.owner.post(&path, json!({"scope": "organization"})).await.problem(403),
        "session_required"
    );
    server.clock.advance(300_000);
    assert_eq!(owner.post(&path, json!({"scope": "organization"})).await.problem(403), "step_up_required");
    let owner = owner.with_session(&owner.post("/api/auth/step-up", json!({"password": PASSWORD})).await);
    assert_eq!(
        owner.post(&path, json!({"scope": "organization"})).await.expect(200)["scope"],
        "organization"
    );

    let effect = owner.post(&format!("{path}?preview=true"), json!({"scope": "personal"})).await.expect(200);
    assert_eq!(effect["breaks"][0]["workflowId"], workflow);
    // Nobody takes it from its owner by narrowing it.
    let (admin, _) = guest(&server, "grace@example.com", "admin").await;
    let taken = admin.post(&path, json!({"scope": "personal"})).await;
    assert!(taken.status.is_client_error(), "{}", taken.text());
    assert_eq!(owner.post(&path, json!({"scope": "workspace"})).await.expect(200)["scope"], "workspace");
    let taken = admin.post(&path, json!({"scope": "personal"})).await;
    assert_eq!(taken.problem(422), "invalid_fields");
    assert_eq!(taken.json()["errors"][0]["code"], "credential.scope_leaves");
    assert_eq!(owner.post(&path, json!({"scope": "personal"})).await.expect(200)["scope"], "personal");
    server.clock.advance(999);
    let ran = bob.post(&run, json!({})).await.expect(200);
    assert_eq!(ran["status"], "failed", "{ran}");
    assert_eq!(owner.post(&run, json!({})).await.expect(200)["status"], "success");
    let records = owner.get("/api/audit?action=credential.scope_changed").await.expect(200);
    assert_eq!(records["total"], 4);
}

/// Somebody who is to be removed must not let themselves in again by an invitation that they made first.
#[tokio::test]
async fn an_invitation_holds_as_long_as_its_maker_could_make_it() {
    let server = TestServer::start().await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (admin, id) = guest(&server, "grace@example.com", "admin").await;
    let invite = async |email: &str, role: &str| {
        let made = admin.post("/api/invites", json!({"emails": [email], "role": role})).await.expect(201);
        made["items"][0]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    let (second, colleague) =
        (invite("grace@home.example", "admin").await, invite("bob@example.com", "viewer").await);
    let open = server.owner.anonymous();
    let told = async |token: &str| open.post("/api/auth/invite", json!({"token": token})).await;
    let _ = told(&second).await.expect(200);
    let register = |email: &str, token: &str| json!({"name": "X", "email": email, "password": "bob built a boat once", "inviteToken": token});
    let path = format!("/api/members/{id}");
    assert_eq!(owner.patch(&path, json!({"role": "editor"})).await.status, 204);
    for (email, token) in [("grace@home.example", &second), ("bob@example.com", &colleague)] {
        assert_eq!(told(token).await.problem(404), "invite_invalid", "{email}");
        let taken = open.post("/api/auth/register", register(email, token)).await;
        assert_eq!(taken.problem(404), "invite_invalid", "{email}");
    }
    assert_eq!(owner.patch(&path, json!({"role": "admin"})).await.status, 204);
    let _ = told(&colleague).await.expect(200);
    assert_eq!(owner.delete(&path).await.status, 204);
    assert_eq!(told(&second).await.problem(404), "invite_invalid");
    // Somebody else sends it again, and stands for it.
    let pending = owner.get("/api/invites").await.expect(200);
    let found =
        pending["items"].as_array().unwrap().iter().find(|one| one["email"] == "bob@example.com").unwrap();
    let sent = owner.post(&format!("/api/invites/{}/resend", found["id"].as_str().unwrap()), json!({})).await;
    let token = sent.expect(200)["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(open.post("/api/auth/register", register("bob@example.com", &token)).await.status, 201);
}

/// Who did what with a shared credential is part of the audit log; of a Personal one it is its owner's own doing.
#[tokio::test]
async fn a_credentials_audit_is_for_admins_and_for_the_owner_of_a_personal_one() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let shared =
        owner.post("/api/credentials", bearer(&service)).await.expect(201)["id"].as_str().unwrap().to_owned();
    let _ = server.owner.get(&format!("/api/proxy/{shared}/{}/me", service.address)).await.expect(200);
    let (bob, _) = guest(&server, "bob@example.com", "editor").await;
    let (admin, _) = guest(&server, "grace@example.com", "admin").await;
    let mut own = bearer(&service);
    own["scope"] = json!("personal");
    let personal = bob.post("/api/credentials", own).await.expect(201)["id"].as_str().unwrap().to_owned();
    let audit = |id: &str| format!("/api/credentials/{id}/audit");
    assert_eq!(bob.get(&audit(&shared)).await.problem(403), "role_insufficient");
    assert!(bob.get(&audit(&personal)).await.expect(200)["total"].as_u64() > Some(0));
    assert!(admin.get(&audit(&shared)).await.expect(200)["total"].as_u64() > Some(1));
    assert_eq!(admin.get(&audit(&personal)).await.problem(404), "not_found");
    let usage = |id: &str| format!("/api/credentials/{id}/usage");
    let told = admin.get(&usage(&shared)).await.expect(200);
    assert_eq!((told["uses"].as_array().unwrap().len(), told["apiKeys"].as_array().unwrap().len()), (1, 1));
    let told = bob.get(&usage(&shared)).await.expect(200);
    assert_eq!((&told["uses"], &told["apiKeys"]), (&json!([]), &json!([])));
    assert!(told["lastUsedAt"].is_string());
}

/// A trigger uses the Personal credentials of whoever activated its version for as long as they could use them themselves.
#[tokio::test]
async fn a_trigger_uses_the_personal_credentials_of_its_activator_while_they_may() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (bob, id) = guest(&server, "bob@example.com", "editor").await;
    let mut own = bearer(&service);
    own["scope"] = json!("personal");
    let personal = bob.post("/api/credentials", own).await.expect(201)["id"].clone();
    let hook = json!({"path": "orders", "method": "POST", "responseMode": "onCompletion"});
    let mut call = crate::node("call", "HTTPRequest", json!({"url": service.url("/me")}));
    call["credentialId"] = personal;
    let document = crate::chain(vec![crate::node("in", "WebhookTrigger", hook), call]);
    let made = bob.post("/api/workflows", document).await.expect(201);
    let path = format!("/api/workflows/{}/status", made["id"].as_str().unwrap());
    let _ = bob.post(&path, json!({"status": "active"})).await.expect(200);
    let knock = async || {
        server.clock.advance(999);
        server.owner.anonymous().post("/webhook/orders", json!({})).await.status.as_u16()
    };
    assert_eq!(knock().await, 200);
    let member = format!("/api/members/{id}");
    for (role, expected) in [("viewer", 500), ("editor", 200), ("admin", 200)] {
        assert_eq!(owner.patch(&member, json!({"role": role})).await.status, 204);
        let seen = service.seen().len();
        assert_eq!(knock().await, expected, "{role}");
        assert_eq!(service.seen().len() > seen, expected == 200, "{role}");
    }
    assert_eq!(owner.delete(&member).await.status, 204);
    assert_eq!(knock().await, 500, "somebody who left");
}
