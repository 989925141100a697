//! Where a secret could get out of a running server: logs, files, the process list, core dumps, children.

use std::{fs, process::Command};

use serde_json::json;

use super::harness::{Echo, Installation, files};

const TOKEN: &str = "leak-canary-8c2f6b1d40e7a953";

/// The forms in which a canary is looked for with tools that are not ours.
fn forms() -> Vec<Vec<u8>> {
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = data_encoding::BASE64.encode(TOKEN.as_bytes());
    let wide: Vec<u8> = TOKEN.bytes().flat_map(|byte| [byte, 0]).collect();
    // The middle of the Base64 form is the same whatever surrounds it at this shift.
    vec![TOKEN.into(), hex.to_uppercase().into(), hex.into(), base64.trim_end_matches('=').into(), wide]
}

fn assert_clean(what: &str, bytes: &[u8]) {
    for form in forms() {
        assert!(!bytes.windows(form.len()).any(|window| window == form), "{what} holds the canary");
    }
}

/// A server that has used the canary in every way that this version has: node, test, proxy, webhook, refused uses.
fn used_server() -> (Installation, Echo) {
    let echo = Echo::start(TOKEN);
    let mut flero = Installation::with_owner(&format!("127.0.0.1:{}", echo.port)).logging("trace");
    flero.start();
    let credential = flero.bearer(TOKEN, echo.port);
    let node = |url: String| json!({"id": "call", "name": "Call", "type": "HTTPRequest", "credentialId": credential, "parameters": {"url": url, "failOnError": false}});
    flero.active_workflow(
        "leak",
        "onCompletion",
        vec![node(format!("http://127.0.0.1:{}/a?token=1", echo.port))],
        &json!("{{ $input }}"),
    );
    flero.active_workflow(
        "refused",
        "onCompletion",
        vec![node("http://127.0.0.1:1/".into())],
        &json!("{{ $input }}"),
    );
    for _ in 0..20 {
        let answer = flero.call("POST", "/webhook/leak", Some(&json!({"n": 1})));
        assert_eq!(answer["statusCode"], 200, "{answer}");
        assert_clean("the answer of the webhook", answer.to_string().as_bytes());
    }
    let _ = flero.try_call("POST", "/webhook/refused", Some(&json!({}))).unwrap();
    let verdict = flero.call("POST", &format!("/api/credentials/{credential}/test"), Some(&json!({})));
    assert_clean("the verdict of the test", verdict.to_string().as_bytes());
    let (_, proxied) =
        flero.try_call("GET", &format!("/api/proxy/{credential}/127.0.0.1:{}/x", echo.port), None).unwrap();
    assert!(proxied.contains("[REDACTED]"), "{proxied}");
    assert_clean("the answer of the proxy", proxied.as_bytes());
    (flero, echo)
}

/// Security test 40: logs at TRACE hold no secret.
/// Security test 43: nor does the database, its journal or any other file, nor an answer of the API.
#[test]
fn a_used_secret_is_in_no_log_no_file_and_no_answer() {
    let (mut flero, _echo) = used_server();
    for path in [
        "/api/executions?limit=200",
        "/api/credentials",
        "/api/audit?limit=200",
        "/api/workflows",
        "/api/openapi.json",
    ] {
        assert_clean(path, flero.call("GET", path, None).to_string().as_bytes());
    }
    for execution in flero.call("GET", "/api/executions?limit=200", None)["items"].as_array().unwrap() {
        let report =
            flero.call("GET", &format!("/api/executions/{}", execution["id"].as_str().unwrap()), None);
        assert_clean("an execution", report.to_string().as_bytes());
    }
    let log = fs::read(flero.log_file()).unwrap();
    assert!(log.len() > 1_000, "the log is too short to prove anything");
    flero.stop();
    let mut bytes = 0;
    for file in files(flero.folder.path()) {
        let content = fs::read(&file).unwrap();
        bytes += content.len();
        assert_clean(&file.display().to_string(), &content);
    }
    assert!(bytes > 50_000, "only {bytes} bytes were looked at");
}

/// Security test 17: a core file is not written; arguments and environment hold no secret and no key.
#[test]
fn the_server_writes_no_core_and_its_arguments_and_children_hold_nothing() {
    let (flero, _echo) = used_server();
    let proc = |name: &str| fs::read(format!("/proc/{}/{name}", flero.server_id())).unwrap();
    let limits = String::from_utf8(proc("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert!(core.split_whitespace().nth(4) == Some("0"), "{core}");
    assert_clean("the arguments", &proc("cmdline"));
    assert_clean("the environment", &proc("environ"));
    // A process that is not dumpable has files under /proc that belong to root; as root, the flag itself is read.
    let key = fs::read(flero.key_file()).unwrap();
    assert!(!proc("environ").windows(key.len()).any(|window| window == key));
}

/// Security test 45: the child of a Code node has an empty environment, no file of ours and no network.
#[test]
fn the_child_of_a_code_node_holds_nothing() {
    let mut flero = Installation::with_owner("");
    flero.start();
    let code = json!({"id": "code", "name": "Code", "type": "Code", "parameters": {"source": "return typeof process + typeof require + typeof fetch;"}});
    flero.active_workflow("code", "onCompletion", vec![code], &json!("{{ $input }}"));
    assert_eq!(flero.call("POST", "/webhook/code", Some(&json!({}))), json!("undefinedundefinedundefined"));
    let listed = Command::new("pgrep").args(["-P", &flero.server_id().to_string()]).output().unwrap();
    let children = String::from_utf8(listed.stdout).unwrap();
    let child = children.lines().next().expect("the child is kept for the next call");
    assert!(fs::read(format!("/proc/{child}/environ")).unwrap_or_default().is_empty());
    let arguments = fs::read(format!("/proc/{child}/cmdline")).unwrap();
    assert!(arguments.ends_with(b"sandbox-child\0"), "{}", String::from_utf8_lossy(&arguments));
    let open: Vec<String> = fs::read_dir(format!("/proc/{child}/fd")).map_or_else(
        |_| Vec::new(),
        |entries| {
            entries
                .flatten()
                .filter_map(|entry| fs::read_link(entry.path()).ok())
                .map(|path| path.display().to_string())
                .collect()
        },
    );
    assert!(
        open.iter().all(|target| target.starts_with("pipe:")
            || target == "/dev/null"
            || target.starts_with("socket:")),
        "{open:?}"
    );
}

/// Security test 40: metrics are counters with labels of closed sets; no secret, host, name or identifier is in them.
#[test]
fn the_metrics_count_and_name_nobody() {
    let echo = Echo::start(TOKEN);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut flero = Installation::with_owner(&format!("127.0.0.1:{}", echo.port)).metrics(port);
    flero.start();
    let credential = flero.bearer(TOKEN, echo.port);
    let url = format!("http://127.0.0.1:{}/a?token=1", echo.port);
    let call = json!({"id": "call", "name": "Very own name", "type": "HTTPRequest", "credentialId": credential, "parameters": {"url": url}});
    flero.active_workflow("counted", "onCompletion", vec![call], &json!("{{ $input.statusCode }}"));
    for _ in 0..3 {
        assert_eq!(flero.call("POST", "/webhook/counted", Some(&json!({}))), json!(200));
    }
    let (status, text) = super::harness::request(port, "GET", "/metrics", "", None).unwrap();
    assert_eq!(status, 200);
    for line in [
        "flero_executions_ended_total{status=\"success\"} 3",
        "flero_calls_total{outcome=\"success\"} 3",
        "flero_vault_open 1",
    ] {
        assert!(text.lines().any(|written| written == line), "{line} is missing in\n{text}");
    }
    assert!(text.contains("flero_store_group_size_count"));
    assert_clean("the metrics", text.as_bytes());
    for named in ["127.0.0.1", "counted", "Very own name", "cred_", "wf_", "exec_", "ws_", "ada@"] {
        assert!(!text.contains(named), "{named} stands in\n{text}");
    }
    let (_, elsewhere) = flero.try_call("GET", "/metrics", None).unwrap();
    assert!(!elsewhere.contains("flero_executions"), "the API serves them");
}

/// Security test 33: neither the API nor the counters can be called by a workflow, whatever the operator opens.
#[test]
fn the_programs_own_listeners_are_closed_to_workflows() {
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut flero = Installation::with_owner("127.0.0.0/8").metrics(metrics);
    flero.start();
    for (port, path) in [(flero.port, "api/health"), (metrics, "metrics")] {
        let url = format!("http://127.0.0.1:{port}/{path}");
        let call = json!({"id": "call", "name": "Call", "type": "HTTPRequest", "parameters": {"url": url}});
        let workflow = flero.active_workflow(path, "onCompletion", vec![call], &json!("{{ $input.body }}"));
        let report = flero.call(
            "POST",
            &format!("/api/workflows/{workflow}/run?wait=true"),
            Some(&json!({"input": {}})),
        );
        assert_eq!(report["error"]["code"], "egress.blocked", "{url}: {report}");
    }
}
