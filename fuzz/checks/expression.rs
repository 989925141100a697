//! What holds for every text as a field: evaluating ends within its limits, gives the same twice, and never shows the
//! canary that the environment holds (`FLERO_CANARY`). Called by the fuzz target and by the tests of `flero-expr`.
#![allow(unreachable_pub, reason = "it is a module of a fuzz target and of the tests of a crate")]

use flero_expr::{Allowance, JsonScope, Limits, Root, Scope, Value, check, compile};
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

/// The same scope with few steps for all.
struct Short(Allowance);

impl Scope for Short {
    fn root(&self, root: Root) -> Option<Value<'_>> {
        SCOPE.root(root)
    }

    fn node(&self, name: &str) -> Option<Value<'_>> {
        SCOPE.node(name)
    }

    fn node_names(&self) -> Vec<String> {
        SCOPE.node_names()
    }

    fn now_ms(&self) -> Option<i64> {
        SCOPE.now_ms()
    }

    fn allowance(&self) -> Option<&Allowance> {
        Some(&self.0)
    }
}

/// Checks one text.
pub fn expression(text: &str) {
    let limits = Limits { max_steps: 100_000, max_bytes: 1 << 20, ..Limits::default() };
    let tree = json!({"alone": format!("{{{{ {text} }}}}"), "as it is": text});
    let _ = check(&tree);
    let compiled = compile(&tree);
    let first = compiled.eval(&*SCOPE, &limits);
    assert_eq!(first, compiled.eval(&*SCOPE, &limits));
    if let (Ok(result), Some(canary)) = (&first, &*CANARY) {
        assert!(text.contains(canary.as_str()) || !result.value.to_string().contains(canary.as_str()));
    }
    // What stops for a short allowance comes to the same once the allowance is long enough.
    let short = Short(Allowance::new(50));
    let hurried = compiled.eval(&short, &limits);
    assert_eq!(short.0.is_exceeded(), matches!(hurried, Err(flero_expr::Error::Allowance { .. })));
    if !short.0.is_exceeded() {
        assert_eq!(hurried, first);
    }
    short.0.reset(limits.max_steps);
    assert_eq!(compiled.eval(&short, &limits), first);
}
