//! No way out for a secret.

use flero_testing::{Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, chain, made, node, stored};

/// Security test 25: no schema of an answer has a place for a secret.
#[test]
fn no_answer_has_a_field_for_a_secret() {
    let document = serde_json::to_value(flero_api::description()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut open: Vec<String> = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            collect(&operation["responses"], &mut open);
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let schema = &schemas[&name];
        collect(schema, &mut open);
        for property in properties(schema) {
            let is_secret = ["data", "token", "password", "key", "secret", "privateKey", "clientSecret"]
                .contains(&property.as_str());
            // A flag says whether there is a secret and has no room for one.
            let is_secret = is_secret && schema["properties"][&property]["type"] != "boolean";
            // What is shown once, in the answer that makes it: Flero's own key, the secret of an authenticator app,
            // and the secret that calls of a webhook are signed with.
            let is_shown_once =
                [("MadeKeyBody", "key"), ("NewTotpBody", "secret"), ("MadeEndpointBody", "secret")]
                    .contains(&(name.as_str(), property.as_str()));
            // The practice service's token opens the practice service alone, which knows nothing.
            let is_practice = (name.as_str(), property.as_str()) == ("PracticeBody", "token");
            assert!(!is_secret || is_shown_once || is_practice, "{name}.{property}");
        }
    }
    assert!(seen.contains("CredentialBody") && seen.contains("MadeKeyBody"));
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(reference) if name == "$ref" => {
                        found.push(reference.rsplit('/').next().unwrap().to_owned())
                    }
                    _ => collect(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn properties(schema: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if let Some(members) = schema["properties"].as_object() {
        found.extend(members.keys().cloned());
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        found.extend(properties(part));
    }
    found
}

/// Security test 25: a secret that was stored, used, echoed and rotated is in no answer. Security test 43 begins
/// here: it is in no byte that is stored either.
#[tokio::test]
async fn a_stored_secret_is_in_no_answer_and_no_stored_byte() {
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let id = stored(&server, &service).await;
    let mut call =
        node("call", "HTTPRequest", json!({"method": "POST", "url": service.url("/echo"), "body": {"a": 1}}));
    call["credentialId"] = json!(id);
    let workflow = made(&server, chain(vec![node("s", "Start", json!({})), call])).await;
    let run = server.owner.post(&format!("/api/workflows/{workflow}/run?wait=true"), json!({})).await;
    assert_eq!(run.expect(200)["status"], "success");
    let execution = run.json()["id"].as_str().unwrap().to_owned();
    let mut answers = vec![run];
    for path in [
        "/api/credentials".to_owned(),
        format!("/api/credentials/{id}"),
        format!("/api/credentials/{id}/usage"),
        format!("/api/credentials/{id}/audit"),
        "/api/audit?limit=200".to_owned(),
        "/api/executions".to_owned(),
        format!("/api/executions/{execution}"),
        format!("/api/executions/{execution}/events"),
        format!("/api/workflows/{workflow}"),
        format!("/api/workflows/{workflow}/versions/1"),
        "/api/variables".to_owned(),
        "/api/api-keys".to_owned(),
        "/api/me".to_owned(),
    ] {
        answers.push(server.owner.get(&path).await);
    }
    for (path, body) in
        [("test", json!({})), ("duplicate", json!({})), ("rotate", json!({"data": {"token": TOKEN}}))]
    {
        answers.push(server.owner.post(&format!("/api/credentials/{id}/{path}"), body).await);
    }
    let base64 = data_encoding::BASE64.encode(TOKEN.as_bytes());
    for answer in &answers {
        assert!(answer.status.is_success(), "{}", answer.text());
        assert!(!answer.text().contains(TOKEN) && !answer.text().contains(&base64), "{}", answer.text());
    }
    let mut files = vec![server.folder().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().flatten().map(|entry| entry.path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for needle in [TOKEN, &base64, flero_testing::PASSWORD] {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle.as_bytes()), "{path:?}");
        }
    }
}
