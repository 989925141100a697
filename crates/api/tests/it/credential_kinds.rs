//! What each auth type takes: parameters that are shown, secrets that are not, several of them, and their changes.

use flero_testing::TestServer;
use serde_json::{Value, json};

const PEM_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const PEM_KEY: &str = "-----BEGIN PRIVATE KEY-----\nc3VjaCBhIHNlY3JldA==\n-----END PRIVATE KEY-----\n";

fn body(kind: &str, parameters: Value, data: Value) -> Value {
    json!({"name": "x", "service": "http", "authType": kind, "parameters": parameters, "data": data, "allowedHosts": ["api.example.com"]})
}

fn key_file() -> Value {
    json!({"type": "service_account", "client_email": "robot@project.example", "private_key_id": "k1", "private_key": PEM_KEY, "token_uri": "https://oauth2.example.com/token"})
}

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_auth_type_of_the_contract_can_be_made_with_its_fields() {
    let server = TestServer::start().await;
    let aws = json!({"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "region": "eu-central-1", "awsService": "s3", "roleArn": "arn:aws:iam::123456789012:role/reader", "externalId": "x-7"});
    for (kind, parameters, data, fields) in [
        ("digest", json!({"username": "ada"}), json!({"password": "s3cret-1"}), json!(["password"])),
        (
            "certificate",
            json!({"certificate": PEM_CERTIFICATE, "ca": PEM_CERTIFICATE}),
            json!({"privateKey": PEM_KEY, "passphrase": "s3cret-2"}),
            json!(["passphrase", "privateKey"]),
        ),
        (
            "awsSigV4",
            aws,
            json!({"secretAccessKey": "s3cret-3", "sessionToken": "s3cret-4"}),
            json!(["secretAccessKey", "sessionToken"]),
        ),
        (
            "oauth2",
            json!({"grantType": "client_credentials", "tokenUrl": "https://auth.example.com/token", "clientId": "flero", "clientAuthMethod": "client_secret_post", "scopes": ["a", "b"]}),
            json!({"clientSecret": "s3cret-5"}),
            json!(["clientSecret"]),
        ),
        (
            "oauth1",
            json!({"consumerKey": "ck", "signatureMethod": "HMAC-SHA256"}),
            json!({"consumerSecret": "s3cret-6", "token": "s3cret-7", "tokenSecret": "s3cret-8"}),
            json!(["consumerSecret", "token", "tokenSecret"]),
        ),
        (
            "oauth1",
            json!({"consumerKey": "ck", "signatureMethod": "RSA-SHA1"}),
            json!({"consumerSecret": PEM_KEY}),
            json!(["consumerSecret"]),
        ),
        (
            "serviceAccount",
            json!({"subject": "ada@example.com", "scopes": "https://a.example/x https://a.example/y", "tokenUrl": "https://oauth2.example.com/token"}),
            json!({"key": key_file().to_string()}),
            json!(["key"]),
        ),
    ] {
        let made = server.owner.post("/api/credentials", body(kind, parameters.clone(), data)).await;
        assert!(!made.text().contains("s3cret"));
        let made = made.expect(201);
        assert_eq!((&made["secretFields"], &made["parameters"]), (&fields, &parameters), "{kind}");
    }
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "a table of faults")]
async fn a_fault_of_each_type_is_told_at_its_place() {
    let server = TestServer::start().await;
    let pair = json!({"secretAccessKey": "s3cret-1"});
    let aws = |more: Value| {
        let mut all = json!({"accessKeyId": "AKIAIOSFODNN7EXAMPLE"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let key = |member: &str| {
        let mut file = key_file();
        file.as_object_mut().unwrap().remove(member);
        json!({"key": file.to_string()})
    };
    for (kind, parameters, data, pointer) in [
        ("digest", json!({}), json!({"password": "s3cret"}), "/parameters/username"),
        (
            "certificate",
            json!({"certificate": "MIIB"}),
            json!({"privateKey": PEM_KEY}),
            "/parameters/certificate",
        ),
        ("certificate", json!({}), json!({"privateKey": PEM_KEY}), "/parameters/certificate"),
        (
            "certificate",
            json!({"certificate": PEM_CERTIFICATE}),
            json!({"passphrase": "s3cret"}),
            "/data/privateKey",
        ),
        ("awsSigV4", json!({}), pair.clone(), "/parameters/accessKeyId"),
        ("awsSigV4", aws(json!({"region": "EU central"})), pair.clone(), "/parameters/region"),
        ("awsSigV4", aws(json!({"roleArn": "reader"})), pair.clone(), "/parameters/roleArn"),
        ("awsSigV4", aws(json!({"externalId": "x"})), pair.clone(), "/parameters/roleArn"),
        ("awsSigV4", aws(json!({"stsUrl": "ftp://x"})), pair, "/parameters/stsUrl"),
        ("awsSigV4", aws(json!({})), json!({"sessionToken": "s3cret"}), "/data/secretAccessKey"),
        (
            "oauth1",
            json!({"consumerKey": "c", "signatureMethod": "MD5"}),
            json!({"consumerSecret": "s3cret"}),
            "/parameters/signatureMethod",
        ),
        (
            "oauth1",
            json!({"consumerKey": "c", "signatureMethod": "RSA-SHA1"}),
            json!({"consumerSecret": "s3cret"}),
            "/data/consumerSecret",
        ),
        (
            "oauth1",
            json!({"consumerKey": "c"}),
            json!({"consumerSecret": "s3\ncret"}),
            "/data/consumerSecret",
        ),
        (
            "oauth1",
            json!({"consumerKey": "c"}),
            json!({"consumerSecret": "s3cret", "token": null}),
            "/data/token",
        ),
        (
            "oauth2",
            json!({"tokenUrl": "https://a.example/t", "authorizationUrl": "https://a.example/a"}),
            json!({"clientSecret": "s3cret"}),
            "/parameters/clientId",
        ),
        (
            "oauth2",
            json!({"clientId": "c", "tokenUrl": "nowhere", "authorizationUrl": "https://a.example/a"}),
            json!({"clientSecret": "s3cret"}),
            "/parameters/tokenUrl",
        ),
        (
            "serviceAccount",
            json!({"scopes": [7]}),
            json!({"key": key_file().to_string()}),
            "/parameters/scopes",
        ),
        ("serviceAccount", json!({}), json!({"key": "s3cret"}), "/data/key"),
        ("serviceAccount", json!({}), key("private_key"), "/data/key"),
        ("serviceAccount", json!({}), key("client_email"), "/data/key"),
    ] {
        let answer = server.owner.post("/api/credentials", body(kind, parameters.clone(), data)).await;
        assert_eq!(answer.problem(422), "invalid_fields");
        assert_eq!(pointers(&answer.json()), [pointer], "{kind} {parameters}");
        assert!(!answer.text().contains("s3cret"));
    }
}

#[tokio::test]
async fn the_address_of_a_service_accounts_exchange_is_bound_when_it_is_made() {
    let server = TestServer::start().await;
    // The file may come as an object, as it is downloaded.
    let made = server
        .owner
        .post(
            "/api/credentials",
            body("serviceAccount", json!({"scopes": ["a"]}), json!({"key": key_file()})),
        )
        .await
        .expect(201);
    assert_eq!(made["parameters"]["tokenUrl"], "https://oauth2.example.com/token");
    assert_eq!(made["account"], "robot@project.example");
    let path = format!("/api/credentials/{}", made["id"].as_str().unwrap());
    let patch = |body: Value| {
        let (client, path) = (server.owner.clone(), path.clone());
        async move { client.json("PATCH", &path, &body).await }
    };
    // A form that leaves it out does not move it.
    let same = patch(json!({"name": "y", "parameters": {"scopes": ["a"]}})).await.expect(200);
    assert_eq!(same["parameters"]["tokenUrl"], "https://oauth2.example.com/token");
    let moved = json!({"parameters": {"scopes": ["a"], "tokenUrl": "https://evil.example/token"}});
    assert_eq!(pointers(&patch(moved).await.expect(422)), ["/data/key"]);
}

#[tokio::test]
async fn a_database_credential_is_bound_to_its_server() {
    let server = TestServer::start().await;
    let make = |parameters: Value, hosts: Value| {
        let client = server.owner.clone();
        let mut new = body("database", parameters, json!({"password": "s3cret-1"}));
        new["allowedHosts"] = hosts;
        async move { client.post("/api/credentials", new).await }
    };
    let base = json!({"engine": "postgresql", "host": "DB.Example.com", "database": "d", "user": "u"});
    let with = |name: &str, value: Value| {
        let mut all = base.clone();
        all[name] = value;
        all
    };
    let made = make(base.clone(), json!([])).await.expect(201);
    assert_eq!(made["allowedHosts"], json!(["db.example.com:5432"]));
    let made = make(with("tls", json!("disable")), json!([])).await.expect(201);
    assert_eq!(made["allowedHosts"], json!(["http://db.example.com:5432"]));
    let made = make(with("port", json!(6000)), json!(["db.example.com"])).await.expect(201);
    assert_eq!(made["allowedHosts"], json!(["db.example.com"]));
    let made = make(with("engine", json!("mysql")), json!([])).await.expect(201);
    assert_eq!(made["allowedHosts"], json!(["db.example.com:3306"]));
    for (parameters, hosts, pointer) in [
        (with("engine", json!("oracle")), json!([]), "/parameters/engine"),
        (with("host", json!("db.example.com:5432")), json!([]), "/parameters/host"),
        (with("port", json!(0)), json!([]), "/parameters/port"),
        (with("tls", json!("prefer")), json!([]), "/parameters/tls"),
        (with("testUrl", json!("https://db.example.com")), json!([]), "/parameters/testUrl"),
        (base.clone(), json!(["other.example.com"]), "/allowedHosts"),
    ] {
        let answer = make(parameters, hosts).await.expect(422);
        assert_eq!(pointers(&answer), [pointer]);
    }
}

/// Security test 20: of several secrets, each is asked for again when the policy becomes wider; while it stays, one
/// alone can be replaced, and an optional one removed.
#[tokio::test]
async fn one_of_several_secrets_is_changed_alone_only_under_the_same_policy() {
    let server = TestServer::start().await;
    let parameters = json!({"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "region": "eu-central-1"});
    let data = json!({"secretAccessKey": "s3cret-1", "sessionToken": "s3cret-2"});
    let made =
        server.owner.post("/api/credentials", body("awsSigV4", parameters.clone(), data)).await.expect(201);
    let path = format!("/api/credentials/{}", made["id"].as_str().unwrap());
    let patch = |body: Value| {
        let (client, path) = (server.owner.clone(), path.clone());
        async move { client.json("PATCH", &path, &body).await }
    };
    let both = json!(["secretAccessKey", "sessionToken"]);
    assert_eq!(patch(json!({"data": {"sessionToken": "s3cret-3"}})).await.expect(200)["secretFields"], both);
    let wider =
        json!({"allowedHosts": ["api.example.com", "b.example.com"], "data": {"sessionToken": "s3cret-4"}});
    assert_eq!(pointers(&patch(wider).await.expect(422)), ["/data/secretAccessKey"]);
    let other = json!({"parameters": {"accessKeyId": "AKIAIOSFODNN7EXAMPLF", "region": "eu-central-1"}});
    assert_eq!(pointers(&patch(other).await.expect(422)), ["/data/secretAccessKey", "/data/sessionToken"]);
    assert_eq!(
        pointers(&patch(json!({"data": {"secretAccessKey": null}})).await.expect(422)),
        ["/data/secretAccessKey"]
    );
    let removed = patch(json!({"data": {"sessionToken": null}})).await.expect(200);
    assert_eq!(removed["secretFields"], json!(["secretAccessKey"]));
    let kind = json!({"authType": "bearer", "parameters": {}, "data": {"token": "s3cret-5"}});
    let changed = patch(kind).await.expect(200);
    assert_eq!((&changed["authType"], &changed["secretFields"]), (&json!("bearer"), &json!(["token"])));
    let copy = server.owner.post(&format!("{path}/duplicate"), json!({})).await.expect(201);
    assert_eq!(copy["secretFields"], json!(["token"]));
}

#[tokio::test]
async fn a_rotation_may_change_the_parameters_that_belong_to_the_secret() {
    let server = TestServer::start().await;
    let data = json!({"secretAccessKey": "s3cret-1"});
    let made = server
        .owner
        .post("/api/credentials", body("awsSigV4", json!({"accessKeyId": "AKIAIOSFODNN7EXAMPLE"}), data))
        .await
        .expect(201);
    let path = format!("/api/credentials/{}/rotate", made["id"].as_str().unwrap());
    let next = json!({"data": {"secretAccessKey": "s3cret-2"}, "parameters": {"accessKeyId": "AKIAIOSFODNN7SECONDX"}});
    let rotated = server.owner.post(&path, next).await.expect(200);
    assert_eq!(rotated["parameters"]["accessKeyId"], "AKIAIOSFODNN7SECONDX");
    let wrong = json!({"data": {"secretAccessKey": "s3cret-3"}, "parameters": {"accessKeyId": "A,B"}});
    assert_eq!(pointers(&server.owner.post(&path, wrong).await.expect(422)), ["/parameters/accessKeyId"]);
}
