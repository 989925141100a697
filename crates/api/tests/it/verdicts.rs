//! Testing a connection: what each verdict is given for, with requests that a service describes and with a database.

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::any,
};
use flero_connect::source::CREDENTIAL_FIELD;
use flero_model::{CredentialId, Timestamp, credential::Credential, secret::SecretBytes, service::TEST};
use flero_store::{CredentialStore, credentials::CredentialChange};
use flero_testing::{Provider, Service, TestServer};
use serde_json::{Value, json};

use crate::{
    TOKEN, bearer,
    mariadb::{self, Mariadb},
    postgres::{PASSWORD, Postgres},
    stored,
};

/// A PostgreSQL whose certificate has this name.
fn postgres() -> Postgres {
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    Postgres::start(tempfile::tempdir().unwrap(), own.cert.pem(), &own.signing_key.serialize_pem())
}

fn is_known(headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|value| value == &*format!("Bearer {TOKEN}"))
}

/// A service that tells the account and the scopes at `/whoami`, and answers 200 to everybody at `/always`.
async fn describing() -> String {
    let whoami = any(|headers: HeaderMap| async move {
        if is_known(&headers) {
            ([("x-oauth-scopes", "repo, user:email")], Json(json!({"login": "ada"}))).into_response()
        } else {
            (StatusCode::FORBIDDEN, Json(json!({"message": "who?"}))).into_response()
        }
    });
    let always = any(|headers: HeaderMap| async move {
        if is_known(&headers) {
            Json(json!({"ok": true, "user": {"name": "ada@acme"}}))
        } else {
            Json(json!({"ok": false, "error": "invalid_auth"}))
        }
    });
    let open = any(|| async { Json(json!({"login": "everybody"})) });
    let router = Router::new().route("/whoami", whoami).route("/always", always).route("/open", open);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// Stores a bearer credential whose policy describes tests, and tests it.
async fn tested(server: &TestServer, base: &str, token: &str, tests: Value) -> Value {
    let any = Service::start(TOKEN).await;
    let model: CredentialId = stored(server, &any).await.parse().unwrap();
    let mut credential: Credential = server.store.get_credential(model).await.unwrap();
    credential.id = CredentialId::from_u128(u128::from(fresh_number()));
    credential.policy.parameters.clear();
    credential.policy.parameters.insert(TEST.to_owned(), tests);
    credential.policy.parameters.insert("scopes".to_owned(), json!(["repo", "admin:org"]));
    credential.policy.allowed_hosts = vec![base.parse().unwrap()];
    let document = SecretBytes::new(json!({ "token": token }).to_string().into_bytes());
    let sealed = server.keyring.seal_credential(&credential, CREDENTIAL_FIELD, &document).await.unwrap();
    let id = credential.id;
    let change =
        CredentialChange { credential, secrets: vec![sealed], destroy: Vec::new(), audit: Vec::new() };
    server.store.create_credential(change).await.unwrap();
    server.owner.post(&format!("/api/credentials/{id}/test"), json!({})).await.expect(200)
}

/// A number that no other credential of these tests has.
fn fresh_number() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(9_000);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

#[tokio::test]
async fn a_described_test_tells_the_account_and_the_scopes_that_are_lacking() {
    let (server, base) = (TestServer::start().await, describing().await);
    let whoami = json!([{"method": "GET", "url": format!("{base}/whoami"), "account": ["/email", "/login"], "scopesHeader": "X-OAuth-Scopes"}]);
    let good = tested(&server, &base, TOKEN, whoami.clone()).await;
    assert_eq!((&good["verdict"], &good["account"]), (&json!("accepted"), &json!("ada")));
    assert_eq!(good["missingScopes"], json!(["admin:org"]));
    let bad = tested(&server, &base, "another-token", whoami).await;
    assert_eq!((&bad["verdict"], &bad["account"]), (&json!("refused"), &Value::Null));
}

/// A grant is held against what it asked for where the service's answer names no scopes, and every test tells the end.
#[tokio::test]
async fn a_test_tells_what_a_grant_lacks_and_when_a_secret_ends() {
    let (server, provider) = (TestServer::start().await, Provider::start().await);
    let mut body = provider.credential("authorization_code");
    body["parameters"]["testUrl"] = json!(provider.url("/api/me"));
    let id = super::oauth_attempts::connected_as(&server, body).await;
    let test = format!("/api/credentials/{id}/test");
    let tested = server.owner.post(&test, json!({})).await.expect(200);
    assert_eq!((&tested["verdict"], &tested["missingScopes"]), (&json!("accepted"), &json!(["write"])));
    assert_eq!(tested["expiresAt"], Value::Null, "it is renewed");
    let end = json!(Timestamp::from_millis(1_893_456_000_000));
    let patch = json!({ "expiresAt": end });
    let _ = server.owner.json("PATCH", &format!("/api/credentials/{id}"), &patch).await.expect(200);
    assert_eq!(server.owner.post(&test, json!({})).await.expect(200)["expiresAt"], end);
    provider.forget_grants();
    provider.forget_access_tokens();
    let refused = server.owner.post(&test, json!({})).await.expect(200);
    assert_eq!((&refused["verdict"], &refused["missingScopes"]), (&json!("refused"), &json!([])));
    // A token that is not stored yet says by itself when it ends.
    let service = Service::start(TOKEN).await;
    let mut new = bearer(&service);
    let claims = data_encoding::BASE64URL_NOPAD.encode(br#"{"exp":1893456000}"#);
    new["data"]["token"] = json!(format!("eyJhbGciOiJub25lIn0.{claims}.c2ln"));
    let told = server.owner.post("/api/credentials/test", new.clone()).await.expect(200);
    assert_eq!(told["expiresAt"], end, "{told}");
    let sooner = json!(Timestamp::from_millis(1_861_920_000_000));
    new["expiresAt"] = sooner.clone();
    let told = server.owner.post("/api/credentials/test", new).await.expect(200);
    assert_eq!(told["expiresAt"], sooner, "whatever comes first");
}

#[tokio::test]
async fn the_rule_of_the_service_decides_where_the_status_says_nothing() {
    let (server, base) = (TestServer::start().await, describing().await);
    let accept = json!({"pointer": "/ok", "equals": true, "errorPointer": "/error"});
    let always = json!([{"method": "POST", "url": format!("{base}/always"), "accept": accept, "account": ["/user/name"]}]);
    let good = tested(&server, &base, TOKEN, always.clone()).await;
    assert_eq!((&good["verdict"], &good["account"]), (&json!("accepted"), &json!("ada@acme")));
    let bad = tested(&server, &base, "another-token", always).await;
    assert_eq!(bad["verdict"], "refused");
    assert!(bad["message"].as_str().unwrap().contains("invalid_auth"), "{bad}");
    assert!(!bad.to_string().contains("another-token"));
}

#[tokio::test]
async fn a_wrong_url_never_passes() {
    let (server, base) = (TestServer::start().await, describing().await);
    for path in ["/nowhere", "/open", "/whoami/x"] {
        let tests = json!([{"method": "GET", "url": format!("{base}{path}"), "account": ["/login"]}]);
        let result = tested(&server, &base, TOKEN, tests).await;
        assert_eq!((&result["verdict"], &result["account"]), (&json!("unverified"), &Value::Null), "{path}");
    }
    // A test that says nothing is followed by the next one.
    let both = json!([{"method": "GET", "url": format!("{base}/nowhere")}, {"method": "GET", "url": format!("{base}/whoami")}]);
    assert_eq!(tested(&server, &base, TOKEN, both).await["verdict"], "accepted");
    let service = Service::start(TOKEN).await;
    let mut body = bearer(&service);
    for (path, verdict) in [("/me", "accepted"), ("/other", "unverified"), ("/status/404", "unverified")] {
        body["parameters"] = json!({"testUrl": service.url(path)});
        let result = server.owner.post("/api/credentials/test", body.clone()).await.expect(200);
        assert_eq!(result["verdict"], verdict, "{path}");
    }
    let gone = json!([{"method": "GET", "url": "http://127.0.0.1:1/whoami"}]);
    assert_eq!(tested(&server, "http://127.0.0.1:1", TOKEN, gone).await["verdict"], "unreachable");
}

/// A MariaDB whose certificate has this name.
fn mariadb() -> Mariadb {
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    Mariadb::start(tempfile::tempdir().unwrap(), own.cert.pem(), &own.signing_key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_tested_with_a_statement() {
    let postgres = postgres();
    database_verdicts(postgres.parameters(json!({"host": "127.0.0.1"})), PASSWORD, "flero@postgres").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mysql_database_is_tested_with_a_statement() {
    let mariadb = mariadb();
    let parameters = mariadb.parameters(json!({"host": "127.0.0.1"}));
    database_verdicts(parameters, mariadb::PASSWORD, "flero@shop").await;
}

async fn database_verdicts(parameters: Value, password: &str, account: &str) {
    let server = TestServer::start().await;
    let test = |more: Value, password: &str| {
        let mut parameters = parameters.clone();
        parameters.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let body = json!({"service": "http", "authType": "database", "parameters": parameters, "data": {"password": password}, "allowedHosts": []});
        let client = server.owner.clone();
        async move { client.post("/api/credentials/test", body).await.expect(200) }
    };
    let good = test(json!({}), password).await;
    assert_eq!((&good["verdict"], &good["account"]), (&json!("accepted"), &json!(account)));
    let bad = test(json!({}), "cnry-wrong-4e1f9b").await;
    assert_eq!(bad["verdict"], "refused");
    assert!(!bad.to_string().contains("cnry"));
    assert_eq!(test(json!({"database": "nowhere"}), password).await["verdict"], "unverified");
    assert_eq!(test(json!({"port": 1}), password).await["verdict"], "unreachable");
}
