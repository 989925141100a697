//! OAuth apps: one client for many credentials, at three levels, and its secret at its own hosts alone.

use flero_model::policy::{Principal, Via};
use flero_testing::{CLIENT_ID, CLIENT_SECRET, PASSWORD, Provider, TestServer};
use serde_json::{Value, json};

/// An app of a service that is built in.
pub(crate) fn github(level: &str) -> Value {
    json!({"level": level, "service": "github", "parameters": {"clientId": "Iv1.8a61f9b3a7aba766"},
        "data": {"clientSecret": "client-secret-of-the-operator-1f"}})
}

/// Imports a connector of this name whose service is the provider.
async fn import(server: &TestServer, provider: &Provider, name: &str) -> String {
    let flow = json!({"tokenUrl": provider.url("/token"), "authorizationUrl": provider.url("/authorize"),
        "scopes": {"read": "Read"}});
    let scheme = json!({"type": "oauth2", "flows": {"authorizationCode": flow}});
    let document = json!({
        "openapi": "3.1.0", "info": {"title": name, "version": "1"}, "servers": [{"url": provider.url("")}],
        "components": {"securitySchemes": {"account": scheme}}, "security": [{"account": []}],
        "paths": {"/api/me": {"get": {"operationId": "me"}}},
    });
    let imported = server.owner.post("/api/connectors/import", document).await.expect(201);
    imported["connector"]["id"].as_str().unwrap().to_owned()
}

fn app(service: &str, level: &str, secret: &str) -> Value {
    json!({"level": level, "service": service, "parameters": {"clientId": CLIENT_ID},
        "data": {"clientSecret": secret}})
}

/// A credential without a client of its own, connected and saved; gives its body.
async fn connected(server: &TestServer, service: &str) -> Value {
    let new = json!({"name": "Mine", "service": service, "authType": "oauth2"});
    let started = server.owner.post("/api/credentials/oauth/start", new).await.expect(201);
    let back = super::oauth_attempts::consent(server, &started).await;
    let _ = super::oauth_attempts::page(server, &back).await;
    let save = json!({"attemptId": started["attemptId"], "name": "Mine"});
    server.owner.post("/api/credentials", save).await.expect(201)
}

fn used(credential: &Value, provider: &Provider) -> String {
    format!("/api/proxy/{}/{}/api/me", credential["id"].as_str().unwrap(), provider.address)
}

#[tokio::test]
async fn a_credential_without_a_client_uses_the_nearest_app_and_names_it() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let service = import(&server, &provider, "Crm").await;
    let without = json!({"name": "Mine", "service": service, "authType": "oauth2"});
    let refused = server.owner.post("/api/credentials/oauth/start", without).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/parameters/clientId", "{refused}");
    // The organization's is there first, then a nearer one.
    let far =
        server.owner.post("/api/oauth-apps", app(&service, "organization", "wrong-one")).await.expect(201);
    let near =
        server.owner.post("/api/oauth-apps", app(&service, "workspace", CLIENT_SECRET)).await.expect(201);
    let listed = server.owner.get("/api/oauth-apps").await.expect(200);
    let ids: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&near["id"], &far["id"]]);
    assert!(!listed.to_string().contains(CLIENT_SECRET) && !near.to_string().contains(CLIENT_SECRET));
    assert_eq!(
        (&near["secretFields"], &near["allowedHosts"]),
        (&json!(["clientSecret"]), &json!([provider.url("")]))
    );
    let credential = connected(&server, &service).await;
    assert_eq!(credential["parameters"]["oauthApp"], near["id"], "{credential}");
    assert_eq!((&credential["secretFields"], &credential["status"]), (&json!([]), &json!("active")));
    let path = used(&credential, &provider);
    assert_eq!(server.owner.get(&path).await.status, 200);
    server.clock.advance(3_600_000);
    assert_eq!(server.owner.get(&path).await.status, 200, "the refresh presents the app's client");
    // Of the organization's credentials, none hangs on one workspace.
    let mut shared =
        json!({"name": "Ours", "service": service, "authType": "oauth2", "scope": "organization"});
    let started = server.owner.post("/api/credentials/oauth/start", shared.clone()).await.expect(201);
    let asked = started["authorizationUrl"].as_str().unwrap().to_owned();
    assert!(asked.contains(CLIENT_ID), "{asked}");
    shared["parameters"] = json!({"oauthApp": near["id"]});
    let refused = server.owner.post("/api/credentials/oauth/start", shared).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/parameters/oauthApp");
}

#[tokio::test]
async fn a_new_secret_of_an_app_keeps_its_credentials_working_and_what_is_used_stays() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let service = import(&server, &provider, "Crm").await;
    let made =
        server.owner.post("/api/oauth-apps", app(&service, "workspace", CLIENT_SECRET)).await.expect(201);
    let place = format!("/api/oauth-apps/{}", made["id"].as_str().unwrap());
    let credential = connected(&server, &service).await;
    let path = used(&credential, &provider);
    let client =
        |id: &str, secret: &str| json!({"parameters": {"clientId": id}, "data": {"clientSecret": secret}});
    let changed =
        server.owner.json("PUT", &place, &client(CLIENT_ID, "not-right-any-more")).await.expect(200);
    assert_eq!(changed["id"], made["id"]);
    server.clock.advance(3_600_000);
    assert_eq!(server.owner.get(&path).await.json()["reason"], "credential.token_refused");
    let _ = server.owner.json("PUT", &place, &client(CLIENT_ID, CLIENT_SECRET)).await.expect(200);
    server.clock.advance(60_000);
    assert_eq!(server.owner.get(&path).await.status, 200, "the credential was not touched");
    // Another client would end every grant; and what is used is not removed.
    for answer in [
        server.owner.json("PUT", &place, &client("another-client", CLIENT_SECRET)).await,
        server.owner.delete(&place).await,
    ] {
        let problem = answer.expect(409);
        assert_eq!(problem["code"], "oauth_app_in_use");
        assert_eq!(problem["credentials"], json!([{"credentialId": credential["id"], "name": "Mine"}]));
    }
    let own = format!("/api/credentials/{}", credential["id"].as_str().unwrap());
    assert_eq!(server.owner.delete(&own).await.status, 204);
    server.app.sweep_oauth().await.unwrap();
    assert_eq!(server.owner.delete(&place).await.status, 204);
    assert_eq!(server.owner.get(&place).await.problem(404), "not_found");
    let audit = server.owner.get("/api/audit?limit=200").await.text();
    assert!(audit.contains("oauth_app.changed") && audit.contains("oauth_app.deleted"));
    assert!(!audit.contains(CLIENT_SECRET));
    use flero_store::KeyStore as _;
    assert!(server.store.all_sealed(None, 10).await.unwrap().is_empty(), "no secret is left");
}

/// The client authenticates as its app says, wherever a token is asked for; left out, as the connector says.
#[tokio::test]
async fn an_apps_client_authenticates_as_the_app_says() {
    for (method, is_in_body) in
        [(None, false), (Some("client_secret_basic"), false), (Some("client_secret_post"), true)]
    {
        let (server, provider) = (TestServer::start().await, Provider::start().await);
        let service = import(&server, &provider, "Crm").await;
        let mut body = app(&service, "workspace", CLIENT_SECRET);
        body["parameters"]["clientAuthMethod"] = json!(method);
        if method.is_none() {
            body["parameters"].as_object_mut().unwrap().remove("clientAuthMethod");
        }
        let made = server.owner.post("/api/oauth-apps", body).await.expect(201);
        assert_eq!(made["parameters"]["clientAuthMethod"], json!(method));
        let credential = connected(&server, &service).await;
        server.clock.advance(3_600_000);
        assert_eq!(server.owner.get(&used(&credential, &provider)).await.status, 200);
        let sent: Vec<bool> =
            provider.requests().iter().map(|form| form.contains_key("client_secret")).collect();
        assert_eq!(sent, [is_in_body, is_in_body], "{method:?}: the code and the refresh");
    }
}

/// Security test 20: whoever imports a connector of the same name does not have the operator's client secret sent to an
/// address of their own.
#[tokio::test]
async fn an_apps_secret_goes_to_the_hosts_that_it_is_bound_to_alone() {
    let server = TestServer::start().await;
    let (honest, evil) = (Provider::start().await, Provider::start().await);
    let service = import(&server, &honest, "Crm").await;
    let made =
        server.owner.post("/api/oauth-apps", app(&service, "organization", CLIENT_SECRET)).await.expect(201);
    let id = &made["id"];
    let credential = connected(&server, &service).await;
    assert_eq!(server.owner.delete(&format!("/api/connectors/{service}")).await.status, 204);
    assert_eq!(import(&server, &evil, "Crm").await, service);
    let new = json!({"name": "Bait", "service": service, "authType": "oauth2"});
    let refused = server.owner.post("/api/credentials/oauth/start", new).await.expect(422);
    assert!(refused.to_string().contains("allowedHosts"), "{refused}");
    assert!(evil.requests().is_empty());
    assert_eq!(server.owner.get(&used(&credential, &honest)).await.status, 200, "the first one goes on");
    // Editing the row in the database opens nothing either: the hosts are bound into the ciphertext.
    use flero_store::OauthAppStore as _;
    let mut edited = server.store.get_oauth_app(id.as_str().unwrap().parse().unwrap()).await.unwrap().app;
    edited.policy.allowed_hosts = vec![format!("http://{}", evil.address).parse().unwrap()];
    edited.revision += 1;
    let change = flero_store::oauth_apps::AppChange { app: edited, secret: None, audit: Vec::new() };
    server.store.update_oauth_app(change).await.unwrap();
    let new = json!({"name": "Bait", "service": service, "authType": "oauth2"});
    let refused = server.owner.post("/api/credentials/oauth/start", new).await;
    assert!(!refused.status.is_success(), "{}", refused.text());
    assert!(evil.requests().is_empty());
}

#[tokio::test]
async fn each_level_is_managed_by_its_own_and_the_installations_at_the_machine() {
    let server = TestServer::start().await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(owner.post("/api/oauth-apps", github("installation")).await.problem(403), "role_insufficient");
    let (admin, _) = crate::matrix::guest(&server, "admin@example.com", "admin").await;
    assert_eq!(admin.post("/api/oauth-apps", github("organization")).await.problem(403), "role_insufficient");
    let made = admin.post("/api/oauth-apps", github("workspace")).await.expect(201);
    assert_eq!(admin.post("/api/oauth-apps", github("workspace")).await.problem(409), "oauth_app_taken");
    let local = Principal { via: Via::Local, ..server.app.local_principal().await.unwrap() };
    let client = flero_app::credentials::oauth::AppClient {
        parameters: github("installation")["parameters"].as_object().unwrap().clone(),
        allowed_hosts: Vec::new(),
        data: serde_json::from_value(github("installation")["data"].clone()).unwrap(),
    };
    let level = flero_model::oauth_app::AppLevel::Installation;
    let shared = server.app.create_oauth_app(&local, level, "github", client).await.unwrap();
    let (editor, _) = crate::matrix::guest(&server, "editor@example.com", "editor").await;
    let listed = editor.get("/api/oauth-apps").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(listed["items"][1]["id"], shared.id.to_string());
    assert_eq!(
        owner.delete(&format!("/api/oauth-apps/{}", shared.id)).await.problem(403),
        "role_insufficient"
    );
    // Another organization sees the installation's alone.
    let stranger = server.stranger();
    let theirs = server.app.list_oauth_apps(&stranger).await.unwrap();
    assert_eq!(theirs.iter().map(|one| one.id).collect::<Vec<_>>(), [shared.id]);
    let id = made["id"].as_str().unwrap().parse().unwrap();
    assert!(matches!(server.app.get_oauth_app(&stranger, id).await, Err(flero_app::Error::NotFound)));
}

#[tokio::test]
async fn what_an_app_cannot_be_is_refused_with_its_place() {
    let server = TestServer::start().await;
    for (change, pointer) in [
        (json!({"service": "openai"}), "/service"),
        (json!({"service": "http"}), "/service"),
        (json!({"parameters": {}}), "/parameters/clientId"),
        (
            json!({"parameters": {"clientId": "x", "tokenUrl": "https://evil.example.com"}}),
            "/parameters/tokenUrl",
        ),
        (
            json!({"parameters": {"clientId": "x", "clientAuthMethod": "tls_client_auth"}}),
            "/parameters/clientAuthMethod",
        ),
        (
            json!({"parameters": {"clientId": "x", "clientAuthMethod": "client_secret_jwt"}}),
            "/parameters/clientAuthMethod",
        ),
        (json!({"data": {"clientSecret": "[REDACTED]"}}), "/data/clientSecret"),
        (json!({"data": {"subjectToken": "x"}}), "/data/subjectToken"),
        (json!({"allowedHosts": ["*.com"]}), "/allowedHosts/0"),
    ] {
        let mut body = github("workspace");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let problem = server.owner.post("/api/oauth-apps", body).await.expect(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
}

/// A credential that becomes one of the organization takes its tokens along.
#[tokio::test]
async fn tokens_follow_their_credential_into_another_scope() {
    let server = TestServer::start().await;
    let provider = Provider::start().await;
    let id = super::oauth_attempts::connected(&server, &provider).await;
    let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
    let path = format!("/api/proxy/{id}/{}/api/me", provider.address);
    assert_eq!(server.owner.get(&path).await.status, 200);
    let scope = json!({"scope": "organization"});
    let _ = owner.post(&format!("/api/credentials/{id}/scope"), scope).await.expect(200);
    assert_eq!(server.owner.get(&path).await.status, 200);
    server.clock.advance(3_600_000);
    assert_eq!(server.owner.get(&path).await.status, 200, "and they are renewed there");
}
