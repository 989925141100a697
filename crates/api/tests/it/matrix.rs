//! Every operation against every kind of principal, by the matrix of `model::policy`.

use flero_model::{
    policy::matrix::{self, Needs, Rule},
    role::{OrganizationRole, Role},
};
use flero_testing::{Client, PASSWORD, TestServer};
use serde_json::{Value, json};

use crate::every_route::{Operation, call, concrete, operations, with_object};

/// The rule that an operation falls under, for an object of the workspace that somebody else made; `None` for what
/// everybody may do who is known. An operation that is not listed fails the build.
pub(crate) fn rule(operation: &Operation) -> Option<&'static Rule> {
    let name = match (operation.method.as_str(), operation.path.as_str()) {
        ("GET", "/api/me") => return None,
        (_, "/api/proxy/{credentialId}/{host}/{path}") => "credentials.proxy",
        ("GET", "/api/audit") => "audit.read",
        ("GET", "/api/audit/export") => "audit.export",
        ("GET", "/api/vault") => "vault.read",
        ("GET", "/api/practice") => "credentials.createPersonal",
        (_, "/api/api-keys" | "/api/api-keys/{id}") => "apiKeys.own",
        ("GET", "/api/variables") => "variables.read",
        ("GET", "/api/settings/retention") => "settings.read",
        ("PUT", "/api/settings/retention") => "settings.write",
        ("PUT", "/api/variables") => "variables.write",
        ("GET", "/api/members" | "/api/invites") => "members.read",
        (_, "/api/invites" | "/api/invites/{id}" | "/api/invites/{id}/resend") => "members.invite",
        ("PATCH" | "DELETE", "/api/members/{userId}") => "members.write",
        ("POST", "/api/workspaces") => "workspace.create",
        ("GET", "/api/workspaces/{id}") => "workspace.read",
        ("PATCH", "/api/workspaces/{id}") => "workspace.write",
        ("DELETE", "/api/workspaces/{id}") => "workspace.end",
        ("POST", "/api/workspaces/{id}/transfer") => "members.writeOwner",
        ("POST", "/api/workspaces/{id}/archive" | "/api/workspaces/{id}/restore") => "workspace.archive",
        ("GET", "/api/organization") => "organization.read",
        ("GET", "/api/organization/policies") => "organization.policiesRead",
        ("PUT", "/api/organization/policies") => "organization.policiesWrite",
        (_, path) if path.starts_with("/api/scim/v2/") => "scim.provision",
        ("GET", "/api/organization/group-roles") => "identityProviders.read",
        ("PUT", "/api/organization/group-roles") => "identityProviders.write",
        ("GET", path) if path.starts_with("/api/organization/identity-providers") => "identityProviders.read",
        (_, path) if path.starts_with("/api/organization/identity-providers") => "identityProviders.write",
        ("GET", "/api/organization/members") => "organization.membersRead",
        (_, path) if path.starts_with("/api/organization/members/{userId}") => "organization.membersWrite",
        (_, path) if path.starts_with("/api/notifications/webhooks") => "settings.write",
        ("POST", "/api/workflows/{id}/run") => "workflows.run",
        ("POST", "/api/workflows" | "/api/workflows/import-curl" | "/api/workflows/check") => {
            "workflows.create"
        }
        ("POST", "/api/expressions/preview") => "workflows.create",
        ("DELETE", "/api/workflows/{id}") => "workflows.delete",
        ("GET", path) if path.starts_with("/api/workflows") => "workflows.read",
        (_, path) if path.starts_with("/api/workflows/{id}") => "workflows.write",
        ("GET", path) if path.starts_with("/api/connectors") => "connectors.read",
        // Choices are read with a credential, for a node.
        ("POST", path) if path.ends_with("/options/{input}") => "workflows.create",
        (_, path) if path.starts_with("/api/connectors") => "connectors.write",
        ("GET", path) if path.starts_with("/api/marketplace") => "connectors.read",
        (_, path) if path.starts_with("/api/marketplace/registries") => "connectors.registries",
        (_, path) if path.starts_with("/api/marketplace") => "connectors.install",
        ("GET", path) if path.starts_with("/api/executions") => "executions.read",
        ("POST", "/api/executions/{id}/replay" | "/api/executions/{id}/cancel") => "executions.control",
        ("GET", "/api/oauth-apps" | "/api/oauth-apps/{id}") => "oauthApps.read",
        (_, "/api/oauth-apps" | "/api/oauth-apps/{id}") => "oauthApps.manageWorkspace",
        ("GET", "/api/credentials/{id}/audit") => "credentials.audit",
        ("GET", path) if path.starts_with("/api/credentials") => "credentials.read",
        ("POST", "/api/credentials" | "/api/credentials/test" | "/api/credentials/oauth/start") => {
            "credentials.createWorkspace"
        }
        ("GET", "/api/scope-requests" | "/api/scope-requests/{id}") => "credentials.read",
        ("DELETE", "/api/scope-requests/{id}") => "credentials.askScope",
        ("POST", path) if path.starts_with("/api/scope-requests") => "credentials.widenWorkspace",
        (_, path) if path.starts_with("/api/credentials/{id}") => "credentials.manageWorkspace",
        (method, path) => panic!("{method} {path} is not in the matrix: add the rule it falls under"),
    };
    Some(*matrix::ALL.iter().find(|rule| rule.name == name).unwrap())
}

/// Somebody with a role.
struct Someone {
    client: Client,
    role: Role,
    organization_role: OrganizationRole,
    name: &'static str,
}

impl Someone {
    fn may(&self, rule: &Rule) -> bool {
        match rule.needs {
            Needs::Role(role) => self.role >= role,
            Needs::Organization(role) => self.organization_role >= role,
        }
    }
}

/// Invites somebody, who makes an account; returns their browser and identifier.
pub(crate) async fn guest(server: &TestServer, email: &str, role: &str) -> (Client, String) {
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let invited = owner.post("/api/invites", json!({"emails": [email], "role": role})).await.expect(201);
    let url = invited["items"][0]["url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap();
    let body = json!({"name": "Guest", "email": email, "password": "a guest's own sentence 7", "inviteToken": token});
    let made = owner.anonymous().post("/api/auth/register", body).await;
    let id = made.expect(201)["userId"].as_str().unwrap().to_owned();
    (owner.with_session(&made), id)
}

/// One real object of each kind, in the workspace.
pub(crate) async fn objects(server: &TestServer) -> Value {
    let service = flero_testing::Service::start("x").await;
    let credential = crate::stored(server, &service).await;
    let workflow = crate::made(server, crate::chain(vec![crate::node("s", "Start", json!({}))])).await;
    let run = server.owner.post(&format!("/api/workflows/{workflow}/run"), json!({})).await.expect(202);
    let key = server.owner.post("/api/api-keys", json!({"name": "k", "scopes": ["audit:read"]})).await;
    let invited = json!({"emails": ["pending@example.com"], "role": "viewer"});
    let _ = server.owner.post("/api/invites", invited).await.expect(201);
    let invite = server.owner.get("/api/invites").await.expect(200)["items"][0]["id"].clone();
    let (_, member) = guest(server, "member@example.com", "viewer").await;
    let app = server.owner.post("/api/oauth-apps", crate::oauth_apps::github("workspace")).await.expect(201);
    let (asker, _) = guest(server, "asker@example.com", "editor").await;
    let scope = format!("/api/credentials/{credential}/scope");
    let asked = asker.post(&scope, json!({"scope": "organization"})).await.expect(202);
    json!({"scr": asked["id"], "oapp": app["id"], "cred": credential, "wf": workflow, "exec": run["executionId"], "key": key.expect(201)["id"],
           "inv": invite, "usr": member, "ws": server.workspace})
}

async fn everybody(server: &TestServer) -> Vec<Someone> {
    let mut people = Vec::new();
    for (name, role) in [("viewer", Role::Viewer), ("editor", Role::Editor), ("admin", Role::Admin)] {
        let (client, _) = guest(server, &format!("{name}@example.com"), name).await;
        people.push(Someone { client, role, organization_role: OrganizationRole::Member, name });
    }
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (client, id) = guest(server, "org@example.com", "viewer").await;
    let path = format!("/api/organization/members/{id}");
    assert_eq!(owner.patch(&path, json!({"role": "admin"})).await.status, 204);
    let organization_role = OrganizationRole::Admin;
    people.push(Someone { client, role: Role::Viewer, organization_role, name: "organization admin" });
    let (role, organization_role) = (Role::Owner, OrganizationRole::Owner);
    people.push(Someone { client: owner, role, organization_role, name: "owner" });
    people
}

/// Security test 63: every operation, for every role: refused with one code on a real object where the matrix says no,
/// and not refused where it says yes.
#[tokio::test]
async fn every_operation_follows_the_matrix_for_every_role() {
    let server = TestServer::start().await;
    let objects = objects(&server).await;
    let people = everybody(&server).await;
    let mut cells = 0;
    for operation in operations().into_iter().filter(|operation| !operation.is_open && !operation.is_personal)
    {
        let Some(rule) = rule(&operation) else { continue };
        let kind = crate::every_route::kind(&operation);
        let real = objects[kind]
            .as_str()
            .and_then(|id| with_object(&operation, id))
            .unwrap_or_else(|| concrete(&operation));
        for someone in &people {
            let label = format!("{} {} as {}", operation.method, operation.path, someone.name);
            cells += 1;
            // Requests for the organization are decided by its admins, whatever their role in the workspace.
            let decides = operation.path.starts_with("/api/scope-requests/{id}/")
                && someone.organization_role >= OrganizationRole::Admin;
            if someone.may(rule) || decides {
                let answer = call(&someone.client, &operation, &concrete(&operation)).await;
                let status = answer.status.as_u16();
                let ended = kind == "ws" && status == 404;
                assert!(ended || ![401, 403].contains(&status), "{label}: {}", answer.text());
            } else {
                let answer = call(&someone.client, &operation, &real).await;
                assert_eq!(answer.status, 403, "{label}: {}", answer.text());
                let is_head = operation.method == "HEAD";
                assert!(is_head || answer.problem(403) == "role_insufficient", "{label}: {}", answer.text());
            }
        }
    }
    assert!(cells > 200, "{cells}");
}

/// Security test 21, 63: to somebody of another workspace, and to somebody whose invitation is not accepted yet, every
/// object is like one that does not exist.
#[tokio::test]
async fn nobody_of_another_workspace_sees_an_object() {
    let server = TestServer::start().await;
    let objects = objects(&server).await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let (guest, id) = guest(&server, "else@example.com", "admin").await;
    let other = owner.post("/api/workspaces", json!({"name": "Elsewhere"})).await.expect(201);
    let other = owner.in_workspace(other["id"].as_str().unwrap());
    let _ = other
        .post("/api/invites", json!({"emails": ["else@example.com"], "role": "editor"}))
        .await
        .expect(201);
    assert_eq!(owner.in_workspace(server.workspace).delete(&format!("/api/members/{id}")).await.status, 204);
    assert_eq!(guest.get("/api/workflows").await.problem(400), "workspace_required");
    assert_eq!(guest.get("/api/me").await.expect(200)["workspaces"], json!([]));
    let listed = other.get("/api/invites").await.expect(200);
    let resent = other
        .post(&format!("/api/invites/{}/resend", listed["items"][0]["id"].as_str().unwrap()), json!({}))
        .await;
    let url = resent.expect(200)["url"].as_str().unwrap().to_owned();
    let token = url.rsplit('/').next().unwrap();
    assert_eq!(guest.post("/api/me/invites", json!({"token": token})).await.status, 204);
    assert_eq!(guest.post("/api/me/invites", json!({"token": token})).await.problem(404), "invite_invalid");
    for operation in operations().into_iter().filter(|operation| !operation.is_open && !operation.is_personal)
    {
        let kind = crate::every_route::kind(&operation);
        // Members are looked for in the caller's own workspace.
        let Some(real) =
            objects[kind].as_str().filter(|_| kind != "usr").and_then(|id| with_object(&operation, id))
        else {
            continue;
        };
        let answer = call(&guest, &operation, &real).await;
        let status = answer.status.as_u16();
        assert!([403, 404].contains(&status), "{} {real}: {}", operation.method, answer.text());
        let missing = call(&guest, &operation, &concrete(&operation)).await;
        assert_eq!(answer.text(), missing.text(), "{} {real}", operation.method);
    }
}
