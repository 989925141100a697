//! The policy that requires a second factor of everybody.

use flero_testing::{PASSWORD, TestServer};
use serde_json::json;

use crate::{
    matrix::guest,
    mfa::{EMAIL, enrol},
};

const POLICIES: &str = "/api/organization/policies";

#[tokio::test]
async fn a_policy_is_changed_by_the_owner_who_has_a_factor() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in(EMAIL, PASSWORD).await;
    let first = ada.get(POLICIES).await;
    assert_eq!(first.expect(200)["requireMfa"], false);
    assert_eq!(first.headers["etag"], "\"0\"");
    let locked_out = ada.put(POLICIES, json!({"requireMfa": true})).await;
    assert_eq!(locked_out.problem(422), "invalid_fields");
    assert_eq!(locked_out.json()["errors"][0]["code"], "policy.own_factor");
    assert_eq!(ada.put(POLICIES, json!({"requireMFA": true})).await.problem(422), "invalid_fields");
    assert_eq!(
        server.owner.put(POLICIES, json!({"requireMfa": false})).await.problem(403),
        "session_required"
    );

    let (ada, _, _) = enrol(&server, &ada).await;
    assert_eq!(ada.put(POLICIES, json!({"requireMfa": true})).await.expect(200)["requireMfa"], true);
    let stale =
        ada.send("PUT", POLICIES, &[("content-type", "application/json"), ("if-match", "\"0\"")], "{}").await;
    assert_eq!(stale.problem(412), "changed");
    assert_eq!(ada.get(POLICIES).await.expect(200)["requireMfa"], true);
    let records = server.owner.get("/api/audit?action=organization.policies_changed").await.expect(200);
    assert_eq!(records["items"][0]["detail"]["fields"], json!(["requireMfa"]));
    server.clock.advance(300_000);
    assert_eq!(ada.put(POLICIES, json!({})).await.problem(403), "step_up_required");
}

#[tokio::test]
async fn somebody_without_a_factor_can_only_set_one_up() {
    let server = TestServer::start().await;
    let (grace, _) = guest(&server, "grace@example.com", "editor").await;
    let made = grace.post("/api/api-keys", json!({"name": "k", "scopes": ["workflows:read"]})).await;
    let key = server.owner.with_key(made.expect(201)["key"].as_str().unwrap());
    let _ = key.get("/api/workflows").await.expect(200);
    let (ada, _, _) = enrol(&server, &server.owner.sign_in(EMAIL, PASSWORD).await).await;
    let _ = ada.put(POLICIES, json!({"requireMfa": true})).await.expect(200);

    // It holds at once, for a session that is there already, and within a second for keys.
    server.clock.advance(1_000);
    assert_eq!(key.get("/api/workflows").await.problem(403), "mfa_enrolment_required");
    for path in ["/api/workflows", "/api/me/sessions", "/api/credentials", "/api/me/sign-ins"] {
        assert_eq!(grace.get(path).await.problem(403), "mfa_enrolment_required", "{path}");
    }
    let workflow = json!({"name": "x", "nodes": [], "edges": []});
    assert_eq!(grace.post("/api/workflows", workflow).await.problem(403), "mfa_enrolment_required");
    let me = grace.get("/api/me").await.expect(200);
    assert_eq!((&me["mfaEnrolmentRequired"], &me["permissions"]), (&json!(true), &json!([])));
    assert_eq!(grace.get("/api/me/mfa").await.expect(200)["isRequired"], true);
    assert!(!ada.get("/api/me").await.expect(200)["permissions"].as_array().unwrap().is_empty());
    // A new session is no better, and can step up, enrol and sign out.
    let again = server.owner.sign_in("grace@example.com", "a guest's own sentence 7").await;
    assert_eq!(again.get("/api/workflows").await.problem(403), "mfa_enrolment_required");
    server.clock.advance(300_000);
    assert_eq!(again.post("/api/me/totp", json!({})).await.problem(403), "step_up_required");
    let proved = again.post("/api/auth/step-up", json!({"password": "a guest's own sentence 7"})).await;
    let (again, _, codes) = enrol(&server, &server.owner.with_session(&proved)).await;
    assert_eq!(codes.len(), 10);
    let _ = again.get("/api/workflows").await.expect(200);
    let _ = key.get("/api/workflows").await.expect(200);
    assert_eq!(again.get("/api/me").await.expect(200)["mfaEnrolmentRequired"], false);
    // The last factor stays.
    assert_eq!(again.delete("/api/me/totp").await.problem(409), "last_factor");
    assert_eq!(again.get("/api/me/mfa").await.expect(200)["factors"], json!(["totp", "recovery_code"]));
}
