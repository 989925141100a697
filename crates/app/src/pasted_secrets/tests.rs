//! Samples of every format, places that name a secret, and texts that are none.

use proptest::{
    strategy::{Strategy, ValueTree},
    string::string_regex,
    test_runner::TestRunner,
};
use serde_json::{Value, json};

use super::*;

/// How many samples of each format; the long size runs with `FLERO_SOAK=1`.
fn samples() -> usize {
    if std::env::var_os("FLERO_SOAK").is_some() { 200 } else { 4 }
}

fn document(parameters: Value) -> WorkflowDocument {
    WorkflowDocument::parse(&json!({"name": "x", "nodes": [
        {"id": "s", "name": "s", "type": "Start"},
        {"id": "h", "name": "h", "type": "HTTPRequest", "parameters": parameters}]}))
    .unwrap()
}

fn kinds(parameters: Value) -> Vec<String> {
    scan(&document(parameters)).into_iter().map(|warning| warning.kind).collect()
}

#[test]
fn every_format_is_found_in_a_field_a_header_and_a_body() {
    assert!(FORMATS.len() >= 60);
    let mut runner = TestRunner::deterministic();
    for format in FORMATS {
        assert!(format.source.starts_with("https://") || format.source == "flero_model::api_key");
        let strategy = string_regex(format.pattern).unwrap();
        for _ in 0..samples() {
            let token = strategy.new_tree(&mut runner).unwrap().current();
            let found = scan(&document(json!({
                "url": "https://api.example.com/a", "headers": {"X-Any": format!("Bearer {token}")}, "body": {"deep": [{"any": token}]},
                "source": format!("const key = \"{token}\";\nreturn key;"),
            })));
            let pointers: Vec<&str> = found.iter().map(|warning| warning.pointer.as_str()).collect();
            let expected = [
                "/nodes/1/parameters/headers/X-Any",
                "/nodes/1/parameters/body/deep/0/any",
                "/nodes/1/parameters/source",
            ];
            assert_eq!(pointers, expected, "{}: {token}", format.kind);
            assert!(found.iter().all(|warning| warning.code == CODE && !warning.message.contains(&token)));
        }
    }
}

/// The samples are those of the issuers' documentation, put together here so that no scanner takes this file for a leak.
#[test]
fn the_documented_samples_are_told_by_their_kind() {
    let glue = |parts: &[&str]| parts.concat();
    for (token, kind) in [
        (glue(&["AKIA", "IOSFODNN7EXAMPLE"]), "AWS access key ID"),
        (glue(&["ghp_", "16C7e42F292c6912E7710c838347Ae178B4a"]), "GitHub personal access token"),
        (
            glue(&["SG.", "ngeVfQFYQlKU0ufo8x5d1A", ".TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr"]),
            "SendGrid API key",
        ),
        (
            glue(&[
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
                "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.",
                "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
            ]),
            "JSON Web Token",
        ),
        (glue(&["123456789:", "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"]), "Telegram bot token"),
        (glue(&["-----BEGIN RSA ", "PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"]), "private key"),
    ] {
        assert_eq!(kinds(json!({ "x": token })), [kind]);
    }
}

#[test]
fn a_literal_in_a_place_that_names_a_secret_is_found() {
    for parameters in [
        json!({"headers": {"Authorization": "Bearer 8f3kQz91LmX0aTr5"}}),
        json!({"headers": {"authorization": "Basic YWRhOmxvdmVsYWNl"}}),
        json!({"headers": [{"name": "X-Api-Key", "value": "8f3kQz91LmX0aTr5"}]}),
        json!({"query": {"api_key": "8f3kQz91LmX0aTr5"}}),
        json!({"body": {"client_secret": "8f3kQz91LmX0aTr5"}}),
        json!({"url": "https://ada:lovelace1843@api.example.com/x"}),
        json!({"url": "https://api.example.com/x?api_key=8f3kQz91LmX0aTr5&page=2"}),
        json!({"source": "fetch('https://api.example.com/x?access_token=8f3kQz91LmX0aTr5')"}),
    ] {
        assert_eq!(kinds(parameters.clone()).len(), 1, "{parameters}");
    }
}

#[test]
fn ordinary_fields_are_left_alone() {
    let clean = json!({
        "url": "https://api.example.com/v2/users/{{ $input.id }}?page=2&token={{ $trigger.query.token }}",
        "headers": {"Authorization": "Bearer {{ $trigger.headers.authorization }}", "Accept": "application/json", "X-Api-Key": "your-api-key-goes-here1"},
        "body": {
            "id": "6f1e2c1a-8b1e-4f0e-9d7e-0a4b1c2d3e4f", "sha": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "token": "next", "password": "{{ $input.password }}", "auth": "none", "sort": "created_at", "secret": "a plain sentence of words 12",
            "text": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua.",
            "image": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==",
            "at": "2026-01-31T08:00:00.000Z", "id2": "cred_01h455vb4pex5vsknk084sn02q", "mail": "ada@example.com", "link": "mailto:ada:x@example.com",
            "git": "git@github.com:flero/flero.git", "key": "SKU-2024-000123-BLUE", "phone": "+49 30 1234567", "path": "/a/b:c@d"
        },
        "source": "const items = input.items.filter((item) => item.price > 10);\nreturn { total: items.length, token: items[0] };"
    });
    assert_eq!(kinds(clean), Vec::<String>::new());
}

/// Generated identifiers, hashes and words: below one false alarm in a thousand texts.
#[test]
fn generated_texts_that_are_no_secrets_raise_no_alarm() {
    let mut runner = TestRunner::deterministic();
    let count = samples() * 100;
    let mut alarms = 0;
    for pattern in [
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "[0-9a-f]{40}",
        "[0-9a-f]{64}",
        "(wf|exec|cred)_0[0-9a-z]{25}",
        "([a-z]{2,9} ){5,20}[a-z]{2,9}\\.",
        "[A-Z]{3}-[0-9]{4,8}",
        "https://[a-z]{3,10}\\.example\\.com/[a-z]{2,8}/[0-9]{1,9}\\?page=[0-9]{1,3}",
        "[A-Za-z0-9+/]{60,120}",
        "#[0-9a-f]{6}",
    ] {
        let strategy = string_regex(pattern).unwrap();
        for _ in 0..count {
            let text = strategy.new_tree(&mut runner).unwrap().current();
            alarms += scan(&document(json!({ "text": text }))).len();
        }
    }
    assert!(alarms * 1_000 <= count * 9, "{alarms} alarms in {} texts", count * 9);
}
