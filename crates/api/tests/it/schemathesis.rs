//! What Schemathesis makes of the description: <https://schemathesis.readthedocs.io>. It generates requests that fit the
//! schemas and requests that do not, and holds each answer against the description.

use std::process::Command;

use flero_testing::{PASSWORD, Service, TestServer};
use serde_json::{Value, json};

use crate::{TOKEN, chain, made, matrix::guest, node, peers::python, stored};

/// Answers that never end, and what would end the session or the objects that are asked about.
const LEFT_OUT: &str = "(/events$)|^/api/auth/logout$|^/api/me/(sessions|password)|/(archive|deactivate)$";

/// Cases for each operation, and in all at least: some operations have fewer different ones.
fn cases() -> (&'static str, u32) {
    if std::env::var_os("FLERO_SOAK").is_some() { ("900", 100_000) } else { ("18", 2_000) }
}

/// Security test 25: no request that fits the description, and none that does not, is answered with an error of ours, with
/// something that the description does not say, or with a secret.
#[tokio::test(flavor = "multi_thread")]
async fn no_generated_request_finds_an_answer_that_is_not_described() {
    let (cases, at_least) = cases();
    let server = TestServer::start().await;
    let service = Service::start(TOKEN).await;
    let credential = stored(&server, &service).await;
    let workflow = made(&server, chain(vec![node("s", "Start", json!({}))])).await;
    let run = server.owner.post(&format!("/api/workflows/{workflow}/run"), json!({})).await.expect(202);
    let (_, member) = guest(&server, "member@example.com", "viewer").await;
    let session =
        server.owner.post("/api/auth/login", json!({"email": "ada@example.com", "password": PASSWORD}));
    let session = session.await;
    let csrf = session.expect(200)["csrfToken"].as_str().unwrap().to_owned();
    let cookies: Vec<&str> = session
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|field| field.to_str().ok()?.split(';').next())
        .collect();
    // Nobody waits for the names of generated addresses to resolve.
    let owner = server.owner.with_session(&session);
    let nowhere = json!({"allowedEgressHosts": ["127.0.0.1:9"]});
    let _ = owner.put("/api/organization/policies", nowhere).await.expect(200);
    let objects = json!({"credentials": credential, "proxy": credential, "workflows": workflow,
        "executions": run["executionId"], "members": member, "organization": member, "workspaces": server.workspace});
    let secrets: Value = json!([TOKEN, PASSWORD]);
    let origin = format!("http://{}", server.address());
    let arguments = [
        format!("{origin}/api/openapi.json"),
        format!("--header=Cookie: {}", cookies.join("; ")),
        format!("--header=X-CSRF-Token: {csrf}"),
        format!("--header=Origin: {origin}"),
        format!("--exclude-path-regex={LEFT_OUT}"),
        format!("--max-examples={cases}"),
    ];
    let fixed = [
        "--phases=fuzzing",
        // Python's parser counts its depth for all threads together and fails when they meet (CPython issue 106905).
        "--workers=1",
        "--continue-on-failure",
        "--no-shrink",
        "--request-timeout=20",
        "--seed=1",
        "--no-color",
        "--warnings=off",
        "--suppress-health-check=all",
        "--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,no_secret",
    ];
    let folder = server.folder().to_owned();
    let output = tokio::task::spawn_blocking(move || {
        Command::new(python())
            .args(["-m", "schemathesis.cli", "run"])
            .args(arguments)
            .args(fixed)
            .current_dir(folder)
            .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("SCHEMATHESIS_HOOKS", "schemathesis_hooks")
            .env("FLERO_OBJECTS", objects.to_string())
            .env("FLERO_SECRETS", secrets.to_string())
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let generated =
        said.lines().find_map(|line| line.trim().split_once(" generated")).map(|(count, _)| count);
    let generated: u32 =
        generated.and_then(|count| count.replace(',', "").parse().ok()).unwrap_or_else(|| panic!("{said}"));
    assert!(generated >= at_least, "{generated} cases: {said}");
}
