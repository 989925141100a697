//! Credentials, as people and programs handle them.

use flero_testing::{Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, bearer, stored};

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_credential_is_made_read_listed_edited_and_deleted() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let made = server.owner.post("/api/credentials", bearer(&service)).await;
    assert!(made.headers["location"].to_str().unwrap().starts_with("/api/credentials/cred_"));
    let made = made.expect(201);
    assert_eq!(made["secretFields"], json!(["token"]));
    assert_eq!(
        (&made["status"], &made["scope"], &made["lastUsedAt"]),
        (&json!("active"), &json!("workspace"), &Value::Null)
    );
    assert!(made.get("data").is_none());
    let path = format!("/api/credentials/{}", made["id"].as_str().unwrap());
    let got = server.owner.get(&path).await;
    assert_eq!(got.expect(200), made);
    for query in ["", "?scope=workspace&type=bearer&status=active&q=PRACT", "?type=oauth2,bearer"] {
        assert_eq!(
            server.owner.get(&format!("/api/credentials{query}")).await.expect(200)["items"][0],
            made,
            "{query}"
        );
    }
    for query in ["?scope=personal", "?type=basic", "?status=revoked", "?q=zzz"] {
        assert_eq!(
            server.owner.get(&format!("/api/credentials{query}")).await.expect(200)["total"],
            0,
            "{query}"
        );
    }
    // What a GET gave is sent back whole: read-only members are ignored, and the secret stays.
    let mut edited = got.expect(200);
    edited["name"] = json!("Renamed");
    edited["rotateEveryDays"] = json!(90);
    let tag = got.headers["etag"].to_str().unwrap();
    let headers = [("content-type", "application/json"), ("if-match", tag)];
    let answer = server.owner.send("PATCH", &path, &headers, edited.to_string()).await.expect(200);
    assert_eq!((&answer["name"], &answer["rotateEveryDays"]), (&json!("Renamed"), &json!(90)));
    assert!(answer["rotationDueAt"].is_string());
    assert_eq!(
        server.owner.send("PATCH", &path, &headers, "{\"name\":\"Again\"}").await.problem(412),
        "changed"
    );
    let cleared = server.owner.json("PATCH", &path, &json!({"rotateEveryDays": null})).await.expect(200);
    assert_eq!(cleared["rotateEveryDays"], Value::Null);
    assert_eq!(
        server.owner.post(&format!("{path}/test"), json!({})).await.expect(200)["verdict"],
        "accepted"
    );
    assert_eq!(server.owner.delete(&path).await.status, 204);
    assert_eq!(server.owner.get(&path).await.problem(404), "not_found");
}

#[tokio::test]
async fn each_auth_type_has_its_parameters_and_its_secret() {
    let server = TestServer::start().await;
    let body = |kind: &str, parameters: Value, data: Value| json!({"name": "x", "service": "http", "authType": kind, "parameters": parameters, "data": data, "allowedHosts": ["api.example.com"]});
    for (kind, parameters, data, fields) in [
        ("bearer", json!({}), json!({"token": "s3cret-1"}), json!(["token"])),
        ("basic", json!({"username": "ada"}), json!({"password": "s3cret-2"}), json!(["password"])),
        (
            "apiKey",
            json!({"in": "header", "name": "X-Api-Key", "prefix": "Token "}),
            json!({"key": "s3cret-3"}),
            json!(["key"]),
        ),
        ("apiKey", json!({"in": "query", "name": "key"}), json!({"key": "s3cret-4"}), json!(["key"])),
        (
            "customHeaders",
            json!({}),
            json!({"headers": {"X-A": "s3cret-5", "X-B": "s3cret-6"}}),
            json!(["headers"]),
        ),
    ] {
        let made =
            server.owner.post("/api/credentials", body(kind, parameters.clone(), data)).await.expect(201);
        assert_eq!((&made["secretFields"], &made["parameters"]), (&fields, &parameters));
    }
    for (kind, parameters, data, pointer) in [
        ("bearer", json!({}), json!({}), "/data/token"),
        ("bearer", json!({}), json!({"token": "x", "key": "y"}), "/data/key"),
        ("bearer", json!({"username": "x"}), json!({"token": "s3cret"}), "/parameters/username"),
        ("basic", json!({}), json!({"password": "s3cret"}), "/parameters/username"),
        ("basic", json!({"username": "a:b"}), json!({"password": "s3cret"}), "/parameters/username"),
        ("apiKey", json!({"in": "header", "name": "Host"}), json!({"key": "s3cret"}), "/parameters/name"),
        ("apiKey", json!({"in": "trailer", "name": "X"}), json!({"key": "s3cret"}), "/parameters/in"),
        (
            "customHeaders",
            json!({}),
            json!({"headers": {"Content-Length": "1"}}),
            "/data/headers/Content-Length",
        ),
        ("customHeaders", json!({}), json!({"headers": {"X": "a\r\nb"}}), "/data/headers/X"),
        (
            "bearer",
            json!({"testUrl": "https://other.example.com/"}),
            json!({"token": "s3cret"}),
            "/parameters/testUrl",
        ),
        ("custom", json!({}), json!({"x": "s3cret"}), "/authType"),
    ] {
        let answer = server.owner.post("/api/credentials", body(kind, parameters, data)).await;
        assert_eq!(answer.problem(422), "invalid_fields");
        assert_eq!(pointers(&answer.json()), [pointer], "{kind}");
        assert!(!answer.text().contains("s3cret"));
    }
    for hosts in
        [json!([]), json!(["https://api.example.com"]), json!(["*.com"]), json!(["api.example.com/x"])]
    {
        let mut wrong = body("bearer", json!({}), json!({"token": "s3cret"}));
        wrong["allowedHosts"] = hosts;
        assert_eq!(server.owner.post("/api/credentials", wrong).await.problem(422), "invalid_fields");
    }
}

/// Security test 20: a wider policy asks for the secret again; a narrower one keeps it.
#[tokio::test]
async fn widening_the_policy_needs_the_secret_again() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let mut body = bearer(&service);
    body["allowedHosts"] = json!([service.host(), "api.example.com"]);
    let made = server.owner.post("/api/credentials", body).await.expect(201);
    let path = format!("/api/credentials/{}", made["id"].as_str().unwrap());
    let patch = |body: Value| {
        let (client, path) = (server.owner.clone(), path.clone());
        async move { client.json("PATCH", &path, &body).await }
    };
    for wider in [
        json!({"allowedHosts": [service.host(), "api.example.com", "evil.example.com"]}),
        json!({"allowedHosts": [service.host(), "*.example.com"]}),
        json!({"parameters": {"testUrl": service.url("/echo")}}),
        json!({"authType": "apiKey", "parameters": {"name": "X-Key"}}),
        json!({"parameters": {"testUrl": service.url("/me"), "validateSsl": false}}),
    ] {
        let answer = patch(wider.clone()).await;
        assert_eq!(answer.problem(422), "invalid_fields", "{wider}");
        assert!(pointers(&answer.json())[0].starts_with("/data/"), "{wider}");
    }
    let narrowed = patch(json!({"allowedHosts": [service.host()]})).await.expect(200);
    assert_eq!(narrowed["allowedHosts"], json!([service.host()]));
    assert_eq!(
        server.owner.post(&format!("{path}/test"), json!({})).await.expect(200)["verdict"],
        "accepted"
    );
    let widened =
        patch(json!({"allowedHosts": [service.host(), "api.example.com"], "data": {"token": TOKEN}}))
            .await
            .expect(200);
    assert_eq!(widened["allowedHosts"].as_array().unwrap().len(), 2);
    assert_eq!(patch(json!({"scope": "organization"})).await.problem(422), "invalid_fields");
}

/// Security test 26: a placeholder that comes back as a value is refused, not stored and not merged.
#[tokio::test]
async fn a_placeholder_is_no_secret() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    for text in ["••••••••", "********", "[REDACTED]", "set", "", "<hidden>"] {
        let mut body = bearer(&service);
        body["data"] = json!({ "token": text });
        assert_eq!(
            pointers(&server.owner.post("/api/credentials", body).await.expect(422)),
            ["/data/token"],
            "{text:?}"
        );
        let patch = json!({"data": {"token": text}});
        let answer = server.owner.json("PATCH", &format!("/api/credentials/{id}"), &patch).await;
        assert_eq!(pointers(&answer.expect(422)), ["/data/token"], "{text:?}");
        let rotated = server
            .owner
            .post(&format!("/api/credentials/{id}/rotate"), json!({"data": {"token": text}, "force": true}))
            .await;
        assert_eq!(pointers(&rotated.expect(422)), ["/data/token"], "{text:?}");
    }
    assert_eq!(
        server.owner.post(&format!("/api/credentials/{id}/test"), json!({})).await.expect(200)["verdict"],
        "accepted"
    );
}

#[tokio::test]
async fn a_test_tells_how_the_service_took_the_secret() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let test = |parameters: Value, token: &str| {
        let mut body = bearer(&service);
        body["parameters"] = parameters;
        body["data"] = json!({ "token": token });
        let client = server.owner.clone();
        async move {
            client.post("/api/credentials/test", body).await.expect(200)["verdict"]
                .as_str()
                .unwrap()
                .to_owned()
        }
    };
    let at = |path: &str| json!({"testUrl": service.url(path)});
    assert_eq!(test(at("/me"), TOKEN).await, "accepted");
    assert_eq!(test(at("/me"), "another-token").await, "refused");
    assert_eq!(test(at("/open"), TOKEN).await, "unverified");
    assert_eq!(test(at("/status/503"), TOKEN).await, "unverified");
    assert_eq!(test(json!({}), TOKEN).await, "not_testable");
    let mut body = bearer(&service);
    body["allowedHosts"] = json!(["http://127.0.0.1:1"]);
    body["parameters"] = json!({"testUrl": "http://127.0.0.1:1/me"});
    let answer = server.owner.post("/api/credentials/test", body).await.expect(200);
    assert_eq!(answer["verdict"], "unreachable");
    assert!(!answer["message"].as_str().unwrap().contains(TOKEN));
    let mut nameless = bearer(&service);
    nameless.as_object_mut().unwrap().remove("name");
    assert_eq!(
        server.owner.post("/api/credentials/test", nameless.clone()).await.expect(200)["verdict"],
        "accepted"
    );
    assert_eq!(pointers(&server.owner.post("/api/credentials", nameless).await.expect(422)), ["/name"]);
    assert_eq!(server.owner.get("/api/credentials").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_refused_rotation_changes_nothing_and_a_good_one_switches_at_once() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    let rotate = |body: Value| {
        let (client, path) = (server.owner.clone(), format!("/api/credentials/{id}/rotate"));
        async move { client.post(&path, body).await }
    };
    let answer = rotate(json!({"data": {"token": "wrong-token-1"}})).await;
    assert_eq!(answer.problem(422), "credential_refused");
    assert!(!answer.text().contains("wrong-token-1"));
    assert_eq!(
        server.owner.post(&format!("/api/credentials/{id}/test"), json!({})).await.expect(200)["verdict"],
        "accepted"
    );
    let _ = rotate(json!({"data": {"token": "next-token-22"}, "force": true})).await.expect(200);
    let tested = server.owner.post(&format!("/api/credentials/{id}/test"), json!({})).await.expect(200);
    assert_eq!(tested["verdict"], "refused");
    assert_eq!(server.owner.get(&format!("/api/credentials/{id}")).await.expect(200)["status"], "failing");
    service.take_only("Bearer next-token-22");
    let tested = server.owner.post(&format!("/api/credentials/{id}/test"), json!({})).await.expect(200);
    assert_eq!(tested["verdict"], "accepted");
    assert_eq!(server.owner.get(&format!("/api/credentials/{id}")).await.expect(200)["status"], "active");
}

#[tokio::test]
async fn a_copy_has_the_same_or_a_narrower_scope_and_works() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    let path = format!("/api/credentials/{id}/duplicate");
    let copy = server.owner.post(&path, json!({"scope": "personal"})).await.expect(201);
    assert_eq!((&copy["name"], &copy["scope"]), (&json!("Practice (copy)"), &json!("personal")));
    assert_ne!(copy["id"], json!(id));
    let test = format!("/api/credentials/{}/test", copy["id"].as_str().unwrap());
    assert_eq!(server.owner.post(&test, json!({})).await.expect(200)["verdict"], "accepted");
    assert_eq!(
        server.owner.post(&path, json!({"scope": "organization"})).await.problem(422),
        "invalid_fields"
    );
    let _ = server.owner.send("POST", &path, &[], "").await.expect(201);
}

#[tokio::test]
async fn a_revoked_credential_has_no_secret_and_stays_as_a_name() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    let path = format!("/api/credentials/{id}");
    let revoked = server.owner.send("POST", &format!("{path}/revoke"), &[], "").await.expect(200);
    assert_eq!((&revoked["status"], &revoked["secretFields"]), (&json!("revoked"), &json!([])));
    use flero_store::CredentialStore;
    assert!(server.store.get_credential_with_secret(id.parse().unwrap()).await.unwrap().secret.is_none());
    for act in ["test", "revoke", "duplicate"] {
        assert_eq!(
            server.owner.send("POST", &format!("{path}/{act}"), &[], "").await.problem(409),
            "credential_revoked",
            "{act}"
        );
    }
    assert_eq!(
        server.owner.json("PATCH", &path, &json!({"name": "y"})).await.problem(409),
        "credential_revoked"
    );
    let actions: Vec<Value> = server.owner.get(&format!("{path}/audit")).await.expect(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["action"].clone())
        .collect();
    assert!(actions.contains(&json!("credential.revoked")) && actions.contains(&json!("credential.created")));
}

#[tokio::test]
async fn a_credential_in_use_is_deleted_only_with_its_name() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    let mut call = crate::node("call", "HTTPRequest", json!({"url": service.url("/me")}));
    call["credentialId"] = json!(id);
    let hook = crate::node("in", "WebhookTrigger", json!({"path": "use-1"}));
    let workflow = crate::made(&server, crate::chain(vec![hook, call])).await;
    crate::set_status(&server, &workflow, "active").await;
    let usage = server.owner.get(&format!("/api/credentials/{id}/usage")).await.expect(200);
    assert_eq!((&usage["total"], usage.get("nextCursor")), (&json!(1), Some(&Value::Null)));
    assert_eq!(
        usage["items"],
        json!([{"workflowId": workflow, "name": "Sample", "active": true, "versions": [1], "nodes": ["call"]}])
    );
    let path = format!("/api/credentials/{id}");
    for path in [path.clone(), format!("{path}?confirm=practice")] {
        let answer = server.owner.delete(&path).await;
        assert_eq!(answer.problem(409), "credential_in_use");
        assert_eq!(answer.json()["workflows"], json!([{"workflowId": workflow, "name": "Sample"}]));
    }
    assert_eq!(server.owner.delete(&format!("{path}?confirm=Practice")).await.status, 204);
}
