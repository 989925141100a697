//! `flero connector`: without a database, a key or a configuration.

use std::fs;

use serde_json::{Value, json};

use super::harness::Installation;

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
    assert_eq!((whole.status.code(), String::from_utf8(whole.stdout).unwrap()), (Some(0), String::new()));

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
