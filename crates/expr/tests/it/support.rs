//! A scope with some data, and short ways to evaluate.

use flero_expr::{Error, ErrorKind, Evaluated, JsonScope, Limits, Root, compile};
use serde_json::{Value as Json, json};

/// Sunday, 2026-11-22T13:45:30Z.
pub(crate) const NOW_MS: i64 = 1_795_355_130_000;

pub(crate) fn scope() -> JsonScope {
    let order = json!({
        "id": 7, "name": "Ada", "maybe": null, "big": 9_007_199_254_740_993_u64, "price": 12.5,
        "tags": ["a", "b", "c"],
        "lines": [{"sku": "x", "count": 2, "price": 1.5}, {"sku": "y", "count": 1, "price": 10}],
        "template": "{{ $env.REGION }}", "constructor": "own", "a b": 1
    });
    JsonScope {
        roots: [
            (
                Root::Trigger,
                json!({"body": order, "headers": {"content-type": "application/json"}, "method": "POST"}),
            ),
            (Root::Workflow, json!({"id": "wf_1", "name": "Orders", "variables": {"limit": 3}})),
            (Root::Env, json!({"REGION": "eu"})),
            (Root::Input, json!({"items": [1, 2, 3], "text": "hello"})),
        ]
        .into(),
        nodes: [("Look up".to_owned(), json!({"body": {"title": "Book"}})), ("Start".to_owned(), json!({}))]
            .into(),
        now_ms: Some(NOW_MS),
    }
}

pub(crate) fn eval_tree(tree: &Json) -> Result<Evaluated, Error> {
    compile(tree).eval(&scope(), &Limits::default())
}

/// The value of an expression alone in a field, or what is wrong with it.
pub(crate) fn eval(expression: &str) -> Result<Json, (ErrorKind, String)> {
    let result = eval_tree(&Json::String(format!("{{{{ {expression} }}}}"))).expect("within the limits");
    match result.errors.into_iter().next() {
        Some(error) => Err((error.kind, error.message)),
        None => Ok(result.value),
    }
}

#[track_caller]
pub(crate) fn value(expression: &str) -> Json {
    eval(expression).unwrap_or_else(|error| panic!("{expression}: {error:?}"))
}

#[track_caller]
pub(crate) fn message(expression: &str) -> String {
    match eval(expression) {
        Err((_, message)) => message,
        Ok(value) => panic!("{expression} gave {value}"),
    }
}

#[track_caller]
pub(crate) fn kind(expression: &str) -> ErrorKind {
    eval(expression).expect_err(expression).0
}

/// The text of a field.
#[track_caller]
pub(crate) fn text(field: &str) -> String {
    match eval_tree(&json!(field)).expect("within the limits").value {
        Json::String(text) => text,
        other => panic!("{field} gave {other}"),
    }
}
