//! Requests of connectors held against the vendor's own description by Prism, an independent judge.
//!
//! `cargo xtask test` installs it with the descriptions; `npm ci` in `crates/testing/peers` does so by hand.

use std::{fs, path::Path, process::Command};

use flero_openapi::request::{Base, RequestBody, build};
use serde_json::{Map, Value, json};

/// The requests that the examples of a connector's operations make.
fn requests(id: &str) -> Vec<Value> {
    let connector = flero_catalog::get(id).unwrap().whole().unwrap();
    let connection: Map<String, Value> = connector
        .connection
        .iter()
        .filter_map(|field| Some((field.name.clone(), json!(field.default.as_ref()?))))
        .collect();
    let base = Base {
        url: &connector.base_url,
        connection: &connection,
        defaults: &connector.connection,
        headers: &connector.flero.headers,
    };
    let of = |operation: &flero_openapi::connector::Operation| {
        let example = operation.hints.example.as_ref().unwrap();
        let built = build(&base, operation, &example.inputs).unwrap();
        let mut headers: Map<String, Value> =
            built.headers.into_iter().map(|(name, value)| (name, json!(value))).collect();
        let body = match built.body {
            RequestBody::Empty => Value::Null,
            RequestBody::Text { media_type, text } => {
                headers.insert("Content-Type".to_owned(), json!(media_type));
                json!(text)
            }
            // What stands in a file is the caller's.
            RequestBody::File { media_type, .. } => {
                headers.insert("Content-Type".to_owned(), json!(media_type));
                json!("x")
            }
            RequestBody::Multipart(_) => panic!("{}: Prism is not asked about parts", operation.id),
        };
        json!({"operation": operation.id, "method": built.method, "url": built.url, "headers": headers, "body": body})
    };
    connector.operations.iter().map(of).collect()
}

/// What Prism has to say against the requests of a connector, by the description of a package.
fn violations(id: &str, description: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testing/peers");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("prism-{id}.json"));
    let requests = requests(id);
    fs::write(&file, Value::from(requests.clone()).to_string()).unwrap();
    let output = Command::new("node")
        .arg("prism.mjs")
        .arg(format!("node_modules/{description}"))
        .arg(&file)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "run npm ci in crates/testing/peers first: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let told: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), requests.len(), "every request was judged");
    told.iter()
        .flat_map(|one| {
            let said = one["violations"].as_array().unwrap().iter();
            said.map(|word| format!("{}: {}", one["operation"].as_str().unwrap(), word.as_str().unwrap()))
        })
        .collect()
}

#[test]
#[ignore = "needs the peers; `cargo xtask test` runs it"]
fn prism_finds_no_fault_in_requests_to_github() {
    assert_eq!(violations("github", "@octokit/openapi/generated/api.github.com.json"), Vec::<String>::new());
}

#[test]
#[ignore = "needs the peers; `cargo xtask test` runs it"]
fn prism_finds_no_fault_in_requests_to_figma() {
    assert_eq!(violations("figma", "@figma/rest-api-spec/openapi/openapi.yaml"), Vec::<String>::new());
}
