//! `flero connector`: without a database, a key or a configuration.

use std::fs;

use serde_json::{Value, json};

use super::harness::{Echo, Installation};

#[test]
fn a_check_prints_one_line_per_document_and_a_summary() {
    let flero = Installation::empty("");
    let folder = flero.folder.path().join("documents");
    fs::create_dir_all(folder.join("inner")).unwrap();
    let good = "openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths:\n  /a: {get: {responses: {'200': {description: ok}}}}\n";
    let part = r##"{"swagger": "2.0", "paths": {"/a": {"get": {}, "post": 5}}}"##;
    for (name, text) in
        [("a.yaml", good), ("inner/b.json", part), ("c.yml", "a: [1"), ("notes.txt", "not read")]
    {
        fs::write(folder.join(name), text).unwrap();
    }
    let output = flero.run(&["connector", "import", "--check", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4, "{text}");
    let whole =
        json!({"file": "a.yaml", "ok": true, "operations": 1, "total": 1, "leftOut": [], "error": null});
    assert_eq!(lines[0], whole);
    assert_eq!((&lines[1]["ok"], &lines[1]["operations"]), (&json!(false), &json!(0)));
    assert!(lines[1]["error"].as_str().unwrap().contains("line 1"), "{text}");
    assert_eq!(lines[2]["file"], "inner/b.json");
    assert_eq!((&lines[2]["operations"], &lines[2]["total"]), (&json!(1), &json!(2)));
    assert_eq!(lines[2]["leftOut"][0]["pointer"], "/paths/~1a/post");
    assert_eq!(lines[3], json!({"files": 3, "whole": 1, "notWhole": 2, "operations": 2, "total": 3}));
    assert!(!flero.data_dir().exists(), "a check makes no installation");

    fs::remove_dir_all(folder.join("inner")).unwrap();
    fs::remove_file(folder.join("c.yml")).unwrap();
    let output = flero.run(&["connector", "import", "--check", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_lint_names_the_file_the_line_and_the_rule_of_each_finding() {
    let flero = Installation::empty("");
    let slack = concat!(env!("CARGO_MANIFEST_DIR"), "/../../connectors/slack");
    let whole = flero.run(&["connector", "lint", slack]);
    let told = String::from_utf8(whole.stdout).unwrap();
    assert!(whole.status.success() && told.starts_with("slack: fine, "), "{told}");
    let told = json_of(&flero, &["connector", "lint", slack, "--json"], 0);
    assert_eq!((&told["ok"], &told["findings"]), (&json!(true), &json!([])));

    let folder = flero.folder.path().join("half-done");
    fs::create_dir_all(&folder).unwrap();
    let main = fs::read(format!("{slack}/connector.yaml")).unwrap();
    fs::write(folder.join("connector.yaml"), main).unwrap();
    let output = flero.run(&["connector", "lint", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let guide = format!("{}:", folder.join("guide.md").display());
    assert!(text.lines().any(|line| line.starts_with(&guide)), "the missing guide is named: {text}");
    assert!(!flero.data_dir().exists(), "a lint makes no installation");
}

/// The one JSON value that a command prints.
fn json_of(flero: &Installation, arguments: &[&str], code: i32) -> Value {
    let output = flero.run(arguments);
    let (told, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{told}{error}");
    serde_json::from_str(&told).unwrap()
}

#[test]
fn a_new_folder_is_fine_and_its_request_is_the_documented_one() {
    let flero = Installation::empty("");
    let folder = flero.folder.path().join("acme");
    let path = folder.to_str().unwrap();
    let made =
        flero.run(&["connector", "new", path, "--name", "Acme", "--url", "https://api.acme.example/v1"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(json_of(&flero, &["connector", "lint", path, "--json"], 0)["operations"], 1);
    assert_eq!(flero.run(&["connector", "new", path]).status.code(), Some(1), "it is there already");

    let told = json_of(&flero, &["connector", "test", path, "--json"], 0);
    assert_eq!((&told["ok"], &told["operations"][0]["operation"]), (&json!(true), &json!("getAccount")));
    let shown = flero.run(&["connector", "call", path, "getAccount"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown, "GET https://api.acme.example/v1/account\nAuthorization: Bearer ********\n");
    let page = String::from_utf8(flero.run(&["connector", "docs", path]).stdout).unwrap();
    assert!(page.starts_with("# Acme\n") && page.contains("#### Get the account"), "{page}");

    let fixture = folder.join("fixtures/getAccount.http");
    let text = fs::read_to_string(&fixture).unwrap().replace("/v1/account", "/v1/accounts");
    fs::write(&fixture, text).unwrap();
    let told = json_of(&flero, &["connector", "test", path, "--json"], 1);
    assert!(told["operations"][0]["faults"][0].as_str().unwrap().contains("/v1/accounts"), "{told}");
}

#[test]
fn a_call_without_a_credential_shows_the_request_with_masks() {
    let flero = Installation::empty("");
    let inputs = r##"{"channel": "#orders", "text": "hello"}"##;
    let arguments = ["connector", "call", "slack", "chat_postMessage", "--inputs", inputs, "--json"];
    let told = json_of(&flero, &arguments, 0);
    assert_eq!(told["url"], "https://slack.com/api/chat.postMessage");
    assert_eq!(told["headers"]["Authorization"], "Bearer ********");
    assert_eq!(told["body"]["text"], "hello");
    let told = json_of(&flero, &["connector", "call", "telegram", "getMe", "--json"], 0);
    assert_eq!(told["url"], "https://api.telegram.org/bot********/getMe");
    let told = json_of(&flero, &["connector", "call", "trello", "get-members-me", "--json"], 0);
    assert!(told["url"].as_str().unwrap().ends_with("?key=********&token=********"), "{told}");
    let wrong = ["connector", "call", "slack", "chat_postMessage", "--inputs", r#"{"chanel": 1}"#];
    assert_eq!(flero.run(&wrong).status.code(), Some(2));
    assert!(!flero.data_dir().exists(), "a dry run makes no installation");
}

#[test]
fn a_call_with_a_credential_goes_through_the_running_server() {
    let token = "live-token-7d1c0f";
    let echo = Echo::start(token);
    let mut flero = Installation::with_owner(&format!("127.0.0.1:{}", echo.port));
    flero.start();
    let credential = flero.bearer(token, echo.port);
    let folder = flero.folder.path().join("acme");
    let path = folder.to_str().unwrap();
    assert!(flero.run(&["connector", "new", path]).status.success());
    let main = folder.join("connector.yaml");
    let text = fs::read_to_string(&main).unwrap();
    let here = format!("http://127.0.0.1:{}", echo.port);
    let text = text.replace("https://api.acme.example", &here).replace("/email, /id", "/hex");
    fs::write(&main, text).unwrap();
    let server = format!("http://127.0.0.1:{}", flero.port);
    let run = |arguments: &[&str]| {
        let mut all = vec!["connector"];
        all.extend(arguments);
        all.extend(["--credential", &credential, "--server", &server, "--json"]);
        let output = flero.command(&all).env("FLERO_API_KEY", &flero.key).output().unwrap();
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains(token), "the secret stays in the server");
        (output.status.code(), serde_json::from_str::<Value>(&text).unwrap_or(json!(text)))
    };
    let (code, told) = run(&["call", path, "getAccount"]);
    assert_eq!((code, &told["status"]), (Some(0), &json!(200)), "{told}");
    let (_, told) = run(&["test", path]);
    assert_eq!(told["credential"]["taken"], true, "{told}");

    let mut keyless = flero.command(&["connector", "call", path, "getAccount", "--credential", &credential]);
    assert_eq!(keyless.args(["--server", &server]).output().unwrap().status.code(), Some(2));
    let sent_in_clear =
        ["connector", "call", path, "getAccount", "--credential", "c", "--server", "http://flero.example"];
    let output = flero.command(&sent_in_clear).env("FLERO_API_KEY", "k").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "the API key is not sent over plain http to another machine");
}

#[test]
fn postman_collections_and_curl_commands_are_checked_and_imported() {
    let mut flero = Installation::with_owner("");
    flero.start();
    let file = |name: &str, text: &str| {
        let path = flero.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let collection = json!({"info": {"name": "Acme", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "item": [{"name": "List", "request": {"method": "GET", "url": "https://api.acme.example/items?page=1"}}]});
    let collection = file("acme.json", &collection.to_string());
    let command = file("call.sh", "curl https://api.acme.example/items -H 'Authorization: Bearer s3cr3t-9a'");
    let told = flero.run(&["connector", "import", "--check", &collection]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    let told = flero.run(&["connector", "import", "--check", "--curl", &command]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    let server = format!("http://127.0.0.1:{}", flero.port);
    for (arguments, id) in
        [(vec![collection.as_str()], "acme"), (vec!["--curl", &command], "api-acme-example")]
    {
        let mut all = vec!["connector", "import", "--server", &server];
        all.extend(arguments);
        let output = flero.command(&all).env("FLERO_API_KEY", &flero.key).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["connector"]["id"], id);
        let page = flero.call("GET", &format!("/api/connectors/{id}"), None);
        assert_eq!(page["operations"].as_array().unwrap().len(), 1);
        assert!(!page.to_string().contains("s3cr3t-9a"));
    }
}

#[test]
fn the_pages_of_all_built_in_connectors_are_written() {
    let flero = Installation::empty("");
    let folder = flero.folder.path().join("pages");
    let output = flero.run(&["connector", "docs", "--all", folder.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let index = fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(index.contains("| [GitHub](github.md) | developer-tools |"), "{index}");
    assert!(fs::read_to_string(folder.join("github.md")).unwrap().contains("## Operations"));
}
