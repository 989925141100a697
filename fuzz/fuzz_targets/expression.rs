//! Any text as a field: evaluating ends within its limits, gives the same twice, and never shows the canary that the
//! environment of the fuzzing process holds (`FLERO_CANARY`).
#![no_main]

use flero_expr::{JsonScope, Limits, Root, check, compile};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::sync::LazyLock;

static SCOPE: LazyLock<JsonScope> = LazyLock::new(|| JsonScope {
    roots: [
        (Root::Input, json!({"items": [1, 2.5, "x", null, {"a": [true]}], "text": "hello"})),
        (Root::Trigger, json!({"body": {"id": 7, "template": "{{ $env.REGION }}"}})),
        (Root::Env, json!({"REGION": "eu"})),
    ]
    .into(),
    nodes: [("Start".to_owned(), json!({"a": 1}))].into(),
    now_ms: Some(1_795_355_130_000),
});

static CANARY: LazyLock<Option<String>> =
    LazyLock::new(|| std::env::var("FLERO_CANARY").ok().filter(|canary| canary.len() >= 16));

fuzz_target!(|text: &str| {
    let limits = Limits { max_steps: 100_000, max_bytes: 1 << 20, ..Limits::default() };
    let tree = json!({"alone": format!("{{{{ {text} }}}}"), "as it is": text});
    let _ = check(&tree);
    let compiled = compile(&tree);
    let first = compiled.eval(&*SCOPE, &limits);
    assert_eq!(first, compiled.eval(&*SCOPE, &limits));
    if let (Ok(result), Some(canary)) = (&first, &*CANARY) {
        assert!(text.contains(canary.as_str()) || !result.value.to_string().contains(canary.as_str()));
    }
});
