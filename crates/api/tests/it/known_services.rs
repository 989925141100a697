//! Credentials of services that the catalog knows: the person gives values, the description gives hosts and places.

use flero_testing::TestServer;
use serde_json::{Value, json};

fn body(service: &str, kind: &str, parameters: Value, data: Value) -> Value {
    json!({"name": "x", "service": service, "authType": kind, "parameters": parameters, "data": data})
}

fn fault(problem: &Value) -> (&str, &str) {
    let first = &problem["errors"][0];
    (first["pointer"].as_str().unwrap(), first["code"].as_str().unwrap())
}

#[tokio::test]
async fn hosts_places_and_addresses_come_from_the_description() {
    let server = TestServer::start().await;
    let made = |service: &'static str, kind: &'static str, parameters: Value, data: Value| {
        server.owner.post("/api/credentials", body(service, kind, parameters, data))
    };
    let token = made("hubspot", "bearer", json!({}), json!({"token": "s3cret-1"})).await.expect(201);
    assert_eq!(token["allowedHosts"], json!(["api.hubapi.com"]));
    assert_eq!(token["secretFields"], json!(["token"]));
    let key = made("anthropic", "apiKey", json!({}), json!({"key": "s3cret-2"})).await.expect(201);
    assert_eq!(
        (&key["parameters"]["in"], &key["parameters"]["name"]),
        (&json!("header"), &json!("x-api-key"))
    );
    let basic = json!({"subdomain": "acme", "username": "ada@example.com/token"});
    let basic = made("zendesk", "basic", basic, json!({"password": "s3cret-3"})).await.expect(201);
    assert_eq!(basic["allowedHosts"], json!(["acme.zendesk.com"]));
    assert_eq!(basic["parameters"]["test"][0]["url"], "https://acme.zendesk.com/api/v2/users/me");
    let oauth = json!({"subdomain": "acme", "clientId": "flero"});
    let oauth = made("zendesk", "oauth2", oauth, json!({"clientSecret": "s3cret-4"})).await.expect(201);
    assert_eq!(oauth["parameters"]["oauth"]["tokenUrl"], "https://acme.zendesk.com/oauth/tokens");
    // What is needed for some purposes only is not asked for unless it is chosen.
    let optional =
        made("disqus", "oauth2", json!({"clientId": "flero"}), json!({"clientSecret": "s3cret-5"}));
    assert_eq!(optional.await.expect(201)["parameters"]["scopes"], json!(["read"]));
}

#[tokio::test]
async fn no_value_leads_a_secret_out_of_the_domain_of_its_service() {
    let server = TestServer::start().await;
    let basic = |subdomain: &str| {
        let parameters = json!({"subdomain": subdomain, "username": "ada@example.com/token"});
        body("zendesk", "basic", parameters, json!({"password": "s3cret"}))
    };
    for subdomain in ["evil.example/", "evil.example#", "a.b", "acme.zendesk.com@evil.example", ""] {
        let problem = server.owner.post("/api/credentials", basic(subdomain)).await.expect(422);
        assert_eq!(fault(&problem).0, "/parameters/subdomain", "{subdomain}");
    }
    let mut elsewhere = basic("acme");
    elsewhere["allowedHosts"] = json!(["evil.example"]);
    let problem = server.owner.post("/api/credentials", elsewhere).await.expect(422);
    assert_eq!(fault(&problem), ("/allowedHosts/0", "credential.host"));
    for (body, at) in [
        (body("hubspot", "digest", json!({}), json!({"password": "s"})), "/authType"),
        (body("hubspot", "bearer", json!({}), json!({"key": "s3cret"})), "/data/key"),
        (body("hubspot", "bearer", json!({}), json!({})), "/data/token"),
        (body("hubspot", "bearer", json!({"test": []}), json!({"token": "t", "x": "y"})), "/data/x"),
        (body("no-such-service", "bearer", json!({}), json!({"token": "s3cret"})), "/service"),
    ] {
        let problem = server.owner.post("/api/credentials", body).await.expect(422);
        assert_eq!(fault(&problem).0, at);
    }
}

#[tokio::test]
async fn an_edit_makes_the_policy_anew_and_asks_for_the_secret_when_it_goes_elsewhere() {
    let server = TestServer::start().await;
    let parameters = json!({"subdomain": "acme", "username": "ada@example.com/token"});
    let made = body("zendesk", "basic", parameters, json!({"password": "s3cret"}));
    let made = server.owner.post("/api/credentials", made).await.expect(201);
    let path = format!("/api/credentials/{}", made["id"].as_str().unwrap());
    let renamed = server.owner.patch(&path, json!({"name": "Support"})).await.expect(200);
    assert_eq!(renamed["parameters"], made["parameters"]);
    let mut parameters = made["parameters"].clone();
    let same = server.owner.patch(&path, json!({"parameters": parameters})).await.expect(200);
    assert_eq!(same["parameters"], made["parameters"]);
    parameters["subdomain"] = json!("other");
    let problem = server.owner.patch(&path, json!({"parameters": parameters})).await.expect(422);
    assert_eq!(fault(&problem), ("/data/password", "credential.secret_required"));
    let with = json!({"parameters": parameters, "data": {"password": "s3cret-2"}});
    let moved = server.owner.patch(&path, with).await.expect(200);
    assert_eq!(moved["allowedHosts"], json!(["other.zendesk.com"]));
}

/// The test calls the address that the description names: nothing listens there.
#[tokio::test]
async fn a_test_calls_what_the_description_names() {
    let server = TestServer::start().await;
    let parameters = json!({"host": "127.0.0.1:1"});
    let new = body("mattermost", "bearer", parameters, json!({"token": "s3cret"}));
    let result = server.owner.post("/api/credentials/test", new).await.expect(200);
    assert_eq!(result["verdict"], "unreachable", "{result}");
}
