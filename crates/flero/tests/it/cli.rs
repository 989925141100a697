//! Commands on an installation.

use std::fs;

use serde_json::{Value, json};

use super::harness::{Echo, Installation};

const TOKEN: &str = "cli-test-token-31c09bd2e4";

fn json_of(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_workflow_file_is_run_and_its_failure_is_exit_code_one() {
    let flero = Installation::with_owner("");
    let file = flero.folder.path().join("flow.json");
    let document = |output: &str| {
        json!({"name": "File", "nodes": [{"id": "s", "name": "Start", "type": "Start"},
            {"id": "code", "name": "Double", "type": "Code", "parameters": {"source": "return { twice: input.n * 2 };"}},
            {"id": "end", "name": "End", "type": "Terminal", "parameters": {"output": output}}],
            "edges": [{"from": "s", "to": "code"}, {"from": "code", "to": "end"}]})
    };
    fs::write(&file, document("{{ $input.twice }}").to_string()).unwrap();
    let report = json_of(&flero.run(&["run", file.to_str().unwrap(), "--input", r#"{"n": 21}"#]));
    assert_eq!((&report["status"], &report["output"]), (&json!("success"), &json!(42)), "{report}");

    let mut failing = document("x");
    failing["nodes"][1]["parameters"]["source"] = json!("throw new Error('no');");
    fs::write(&file, failing.to_string()).unwrap();
    let output = flero.run(&["run", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["status"], "failed");

    fs::write(&file, r#"{"name": "x", "nodes": [{"id": "a", "name": "a", "type": "Nope"}]}"#).unwrap();
    let output = flero.run(&["run", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nodes/0/type"));
}

#[test]
fn a_backup_holds_no_key_and_a_restored_installation_is_paused_until_resumed() {
    let echo = Echo::start(TOKEN);
    let mut flero = Installation::with_owner(&format!("127.0.0.1:{}", echo.port));
    flero.start();
    let credential = flero.bearer(TOKEN, echo.port);
    let call = json!({"id": "call", "name": "Call", "type": "HTTPRequest", "credentialId": credential, "parameters": {"url": format!("http://127.0.0.1:{}/", echo.port)}});
    flero.active_workflow("backup", "onCompletion", vec![call], &json!("{{ $input.statusCode }}"));
    let backup = flero.folder.path().join("copy.flero");
    json_of(&flero.run(&["backup", backup.to_str().unwrap(), "--json"]));
    assert_eq!(
        flero.run(&["backup", backup.to_str().unwrap()]).status.code(),
        Some(1),
        "an existing file is not overwritten"
    );
    let bytes = fs::read(&backup).unwrap();
    let key = fs::read(flero.key_file()).unwrap();
    assert!(!bytes.windows(32).any(|window| window == key), "the backup holds the key");
    assert!(
        !bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()),
        "the backup holds the secret"
    );
    assert_eq!(
        flero.run(&["restore", backup.to_str().unwrap(), "--replace"]).status.code(),
        Some(1),
        "not under a running server"
    );
    flero.stop();
    assert_eq!(
        flero.run(&["restore", backup.to_str().unwrap()]).status.code(),
        Some(1),
        "an existing database is not replaced unasked"
    );
    let output = flero.run(&["restore", backup.to_str().unwrap(), "--replace"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    flero.start();
    let (status, text) = flero.try_call("POST", "/webhook/backup", Some(&json!({}))).unwrap();
    assert_eq!(status, 503, "{text}");
    flero.stop();
    assert_eq!(json_of(&flero.run(&["resume", "--json"])), json!({"resumed": true, "paused": false}));
    assert_eq!(json_of(&flero.run(&["resume", "--json"])), json!({"resumed": false, "paused": false}));
    flero.start();
    assert_eq!(flero.call("POST", "/webhook/backup", Some(&json!({}))), json!(200));
}

#[test]
fn slots_are_added_and_removed_and_the_last_one_stays() {
    let flero = Installation::with_owner("");
    let slots = json_of(&flero.run(&["vault", "slots", "list", "--json"]));
    assert_eq!(slots["slots"].as_array().unwrap().len(), 1);
    let only = slots["slots"][0]["id"].as_str().unwrap();
    let output = flero.run(&["vault", "slots", "remove", only]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("last"));
    let recovery = json_of(&flero.run(&["vault", "slots", "add", "recovery", "--json"]));
    assert!(recovery["identity"].as_str().unwrap().starts_with("AGE-SECRET-KEY-1"));
    for key in ["kek", "root", "scope"] {
        json_of(&flero.run(&["vault", "rotate", key, "--json"]));
    }
    let status = json_of(&flero.run(&["vault", "status", "--json"]));
    assert_eq!(status["slots"].as_array().unwrap().len(), 2, "{status}");
}

#[test]
fn the_leak_scan_finds_a_secret_that_was_written_beside_the_vault() {
    let mut flero = Installation::with_owner("");
    flero.start();
    flero.bearer(TOKEN, 9);
    let clean = json_of(&flero.run(&["vault", "audit", "--json"]));
    assert_eq!(clean["hits"].as_array().unwrap().len(), 0, "{clean}");
    let leak = flero.folder.path().join("notes.txt");
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect();
    fs::write(&leak, format!("somebody wrote {hex} here")).unwrap();
    let output = flero.run(&["vault", "audit", "--json", leak.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["hits"].as_array().unwrap().len(), 1, "{report}");
    assert!(!report.to_string().contains(TOKEN) && !report.to_string().contains(&hex));
}

#[test]
fn the_audit_chain_of_an_untouched_installation_is_whole() {
    let mut flero = Installation::with_owner("");
    flero.start();
    flero.bearer(TOKEN, 9);
    flero.stop();
    let good = json_of(&flero.run(&["audit", "verify", "--json"]));
    assert_eq!(good["ok"], true);
    assert!(good["records"].as_u64().unwrap() >= 3, "{good}");
}

#[test]
fn the_doctor_tells_what_to_do_on_each_line() {
    let mut flero = Installation::with_owner("");
    let report = json_of(&flero.run(&["doctor", "--json"]));
    let checks = report["checks"].as_array().unwrap();
    for name in ["configuration", "key", "database", "clock", "public URL", "queue", "paused", "audit"] {
        assert!(checks.iter().any(|check| check["name"] == name), "{name} is missing in {report}");
    }
    let reachable = |report: &Value| {
        let found = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "reachable");
        found.unwrap()["verdict"].clone()
    };
    assert_eq!(reachable(&report), "warning", "no server runs");
    flero.start();
    assert_eq!(reachable(&json_of(&flero.run(&["doctor", "--json"]))), "good");
    let echo = Echo::start(TOKEN);
    let elsewhere = format!("http://127.0.0.1:{}", echo.port);
    let told = flero.command(&["doctor", "--json"]).env("FLERO_PUBLIC_URL", elsewhere).output().unwrap();
    assert_eq!(told.status.code(), Some(1), "something else answers there");
    assert_eq!(reachable(&serde_json::from_slice(&told.stdout).unwrap()), "bad");
}

#[test]
fn completions_and_the_manual_are_printed() {
    let flero = Installation::empty("");
    assert!(String::from_utf8_lossy(&flero.run(&["completions", "bash"]).stdout).contains("flero"));
    let manual = String::from_utf8_lossy(&flero.run(&["man"]).stdout).into_owned();
    assert!(
        manual.contains(".TH flero") && manual.contains("bootstrap") && !manual.contains("sandbox-child")
    );
}

#[test]
fn an_oauth_app_of_the_installation_is_set_up_at_the_machine() {
    let mut flero = Installation::with_owner("");
    let set = ["oauth-app", "set", "--service", "github", "--client-id", "Iv1.cli", "--secret-stdin"];
    let secret = "installation-client-secret-5b1e";
    let made = json_of(&flero.run_with_input(&set, secret));
    assert_eq!((&made["clientId"], &made["secretFields"]), (&json!("Iv1.cli"), &json!(["clientSecret"])));
    assert_eq!(made["allowedHosts"], json!(["github.com"]));
    assert_eq!(made["clientAuthMethod"], json!(null), "as the connector says");
    let method = [&set[..], &["--client-auth-method", "client_secret_post"]].concat();
    let again = json_of(&flero.run_with_input(&method, "another-client-secret-5b1e"));
    assert_eq!(again["id"], made["id"], "the same app with another secret");
    assert_eq!(again["clientAuthMethod"], "client_secret_post");
    flero.start();
    let shared = flero.call("GET", "/api/oauth-apps", None);
    assert_eq!(
        (&shared["items"][0]["level"], &shared["items"][0]["id"]),
        (&json!("installation"), &made["id"])
    );
    assert_eq!(shared["items"][0]["parameters"]["clientAuthMethod"], "client_secret_post");
    let new = json!({"name": "Code", "service": "github", "authType": "oauth2"});
    let started = flero.call("POST", "/api/credentials/oauth/start", Some(&new));
    assert!(started["authorizationUrl"].as_str().unwrap().contains("client_id=Iv1.cli"), "{started}");
    let used = flero.run(&["oauth-app", "remove", "github"]);
    assert_eq!(used.status.code(), Some(1), "an attempt is under way");
    assert!(!String::from_utf8_lossy(&used.stderr).contains(secret));
    let unknown = flero.run(&["oauth-app", "remove", "gitlab"]);
    assert_eq!(unknown.status.code(), Some(1));
}

/// Who lost the password of the only owner, or closed the account by wrong ones, comes in again at the machine.
#[test]
fn somebody_who_is_shut_out_is_let_in_at_the_machine() {
    let mut flero = Installation::with_owner("");
    flero.start();
    let login = |password: &str| {
        let body = json!({"email": "ada@example.com", "password": password});
        flero.try_call("POST", "/api/auth/login", Some(&body)).unwrap().0
    };
    for _ in 0..6 {
        assert_eq!(login("not the password at all"), 401);
    }
    assert_eq!(login("not the password at all"), 429);
    let unlock = |email: &str| flero.run(&["account", "unlock", "--email", email]);
    assert_eq!(unlock("nobody@example.com").status.code(), Some(1));
    assert!(json_of(&unlock("ada@example.com"))["userId"].as_str().unwrap().starts_with("usr_"));
    assert_eq!(login("not the password at all"), 401);
    let give = |password: &str| {
        let command = ["account", "password", "--email", "ada@example.com", "--password-stdin"];
        flero.run_with_input(&command, password)
    };
    assert_eq!(give("too short\n").status.code(), Some(1));
    let new = "a sentence that the operator chose";
    assert!(json_of(&give(&format!("{new}\n")))["userId"].is_string());
    assert_eq!(login(new), 200);
}
