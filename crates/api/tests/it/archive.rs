//! Workspaces that are put away, and people who are shut out.

use flero_testing::{PASSWORD, Service, TestServer};
use serde_json::json;

use crate::{TOKEN, chain, made, matrix::guest, node, set_status, stored};

#[tokio::test]
async fn an_archived_workspace_rests_and_comes_back_as_it_was() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (admin, _) = guest(&server, "admin@example.com", "admin").await;
    let credential = stored(&server, &service).await;
    let hook = node("in", "WebhookTrigger", json!({"path": "rests", "method": "POST"}));
    let id = made(&server, chain(vec![hook])).await;
    set_status(&server, &id, "active").await;
    let call = async || server.owner.anonymous().post("/webhook/rests", json!({})).await.status.as_u16();
    assert!(call().await < 300);
    let place = format!("/api/workspaces/{}", server.workspace);

    assert_eq!(admin.post(&format!("{place}/archive"), json!({})).await.problem(403), "role_insufficient");
    assert_eq!(
        server.owner.post(&format!("{place}/archive"), json!({})).await.problem(403),
        "session_required"
    );
    assert_eq!(ada.post(&format!("{place}/restore"), json!({})).await.problem(412), "changed");
    assert_eq!(ada.post(&format!("{place}/archive"), json!({})).await.status, 204);
    assert_eq!(ada.post(&format!("{place}/archive"), json!({})).await.problem(409), "workspace_archived");

    assert_eq!(call().await, 404);
    assert_eq!(ada.get(&format!("/api/workflows/{id}")).await.expect(200)["status"], "inactive");
    let me = ada.get("/api/me").await.expect(200);
    assert_eq!((&me["role"], &me["workspaces"][0]["role"]), (&json!("viewer"), &json!("owner")));
    assert!(me["workspaces"][0]["archivedAt"].is_string());
    // Nobody changes, runs or uses anything: the owner, an admin, a key of the owner.
    for client in [&ada, &admin, &server.owner] {
        let status = client.post(&format!("/api/workflows/{id}/status"), json!({"status": "active"})).await;
        assert_eq!(status.problem(403), "role_insufficient");
        let test = client.post(&format!("/api/credentials/{credential}/test"), json!({})).await;
        assert_eq!(test.problem(403), "role_insufficient");
        let run = client.post(&format!("/api/workflows/{id}/run"), json!({})).await;
        assert_eq!(run.status, 403, "{}", run.text());
        let _ = client.get(&format!("/api/credentials/{credential}")).await.expect(200);
    }
    assert_eq!(admin.post(&format!("{place}/restore"), json!({})).await.problem(403), "role_insufficient");

    assert_eq!(ada.post(&format!("{place}/restore"), json!({})).await.status, 204);
    assert_eq!(ada.get("/api/me").await.expect(200)["role"], "owner");
    assert_eq!(call().await, 404, "an activation is a person's word");
    set_status(&server, &id, "active").await;
    assert!(call().await < 300);
    let records = ada.get("/api/audit?action=workspace.archived").await.expect(200);
    assert_eq!(records["total"], 1);
}

/// What runs when a workspace is archived is cancelled.
#[tokio::test]
async fn the_runs_of_an_archived_workspace_are_cancelled() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let wait = node("w", "Wait", json!({"durationMs": 3_600_000}));
    let id = made(&server, chain(vec![node("s", "Start", json!({})), wait])).await;
    let run = ada.post(&format!("/api/workflows/{id}/run"), json!({})).await.expect(202);
    let run = format!("/api/executions/{}", run["executionId"].as_str().unwrap());
    let place = format!("/api/workspaces/{}", server.workspace);
    assert_eq!(ada.post(&format!("{place}/archive"), json!({})).await.status, 204);
    let mut status = json!(null);
    for _ in 0..100 {
        status = ada.get(&run).await.expect(200)["status"].clone();
        if status == "cancelled" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(status, "cancelled");
    assert_eq!(ada.post(&format!("{place}/restore"), json!({})).await.status, 204);
    assert_eq!(ada.get("/api/audit?action=execution.cancelled").await.expect(200)["total"], 1);
}

/// A workflow that viewers may run is not run in an archived workspace either.
#[tokio::test]
async fn what_viewers_may_run_rests_too() {
    let server = TestServer::start().await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let mut document = chain(vec![node("s", "Start", json!({}))]);
    document["settings"] = json!({"viewersMayRun": true});
    let id = made(&server, document).await;
    let run = format!("/api/workflows/{id}/run");
    let _ = ada.post(&run, json!({})).await.expect(202);
    let place = format!("/api/workspaces/{}", server.workspace);
    assert_eq!(ada.post(&format!("{place}/archive"), json!({})).await.status, 204);
    assert_eq!(ada.post(&run, json!({})).await.problem(409), "workspace_archived");
}

#[tokio::test]
async fn whoever_is_deactivated_can_do_nothing_until_they_are_reactivated() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let ada = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (grace, grace_id) = guest(&server, "grace@example.com", "editor").await;
    let mut body = crate::bearer(&service);
    body["scope"] = json!("personal");
    let personal = grace.post("/api/credentials", body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let key =
        grace.post("/api/api-keys", json!({"name": "k", "scopes": ["workflows:read"]})).await.expect(201);
    let key = server.owner.with_key(key["key"].as_str().unwrap());
    let _ = key.get("/api/workflows").await.expect(200);
    let act = async |user: &str, what: &str| {
        ada.post(&format!("/api/organization/members/{user}/{what}"), json!({})).await
    };
    assert_eq!(act(&server.user.to_string(), "deactivate").await.problem(409), "last_owner");
    assert_eq!(act(&grace_id, "deactivate").await.status, 204);

    assert_eq!(grace.get("/api/workflows").await.problem(401), "session_ended");
    assert_eq!(key.get("/api/workflows").await.problem(401), "invalid_api_key");
    let login = json!({"email": "grace@example.com", "password": "a guest's own sentence 7"});
    let refused = server.owner.anonymous().post("/api/auth/login", login.clone()).await;
    assert_eq!(refused.problem(401), "invalid_login");
    let listed = ada.get("/api/members").await.expect(200);
    assert!(listed["items"].as_array().unwrap().iter().all(|one| one["userId"] != json!(grace_id)));
    let listed = ada.get("/api/organization/members").await.expect(200);
    let shown =
        listed["items"].as_array().unwrap().iter().find(|one| one["userId"] == json!(grace_id)).unwrap();
    assert!(shown["deactivatedAt"].is_string(), "{shown}");

    assert_eq!(act(&grace_id, "reactivate").await.status, 204);
    let _ = key.get("/api/workflows").await.expect(200);
    let grace = server.owner.sign_in("grace@example.com", "a guest's own sentence 7").await;
    let back = grace.get(&format!("/api/credentials/{personal}")).await.expect(200);
    assert_eq!(back["status"], "active");
    for action in ["organization.member_deactivated", "organization.member_reactivated"] {
        assert_eq!(ada.get(&format!("/api/audit?action={action}")).await.expect(200)["total"], 1);
    }
}
