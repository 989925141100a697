//! Prints what one evaluation costs, in nanoseconds: `cargo run --release -p flero-expr --example expr_cost`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use flero_expr::{JsonScope, Limits, Root, compile};
use serde_json::{Value as Json, json};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The best of several rounds, because the machine has other work.
fn measure(name: &str, tree: &Json, scope: &JsonScope) {
    let (compiled, limits) = (compile(tree), Limits::default());
    let result = compiled.eval(scope, &limits).unwrap();
    assert!(result.errors.is_empty(), "{name}: {:?}", result.errors);
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let (start, mut count) = (Instant::now(), 0_u32);
        while start.elapsed() < Duration::from_millis(20) {
            for _ in 0..100 {
                black_box(compiled.eval(black_box(scope), &limits)).unwrap();
            }
            count += 100;
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(count));
    }
    println!("{best:>12.0} ns  {name}");
}

fn main() {
    let lines: Vec<Json> =
        (0..100).map(|n| json!({"id": n, "name": format!("line {n}"), "price": 1.5})).collect();
    let large: Vec<Json> = (0..10_000).map(|n| json!({"id": n, "text": "x".repeat(100)})).collect();
    let scope = JsonScope {
        roots: [
            (Root::Input, json!({"body": {"id": 7, "lines": lines}})),
            (Root::Trigger, json!({"large": large})),
        ]
        .into(),
        nodes: [("Before".to_owned(), json!({"body": {"count": 41, "name": "Ada"}}))].into(),
        now_ms: Some(0),
    };
    measure(
        "a path: {{ $node[\"Before\"].json.body.count }}",
        &json!("{{ $node[\"Before\"].json.body.count }}"),
        &scope,
    );
    measure("arithmetic on a path", &json!("{{ $node[\"Before\"].json.body.count + 1 }}"), &scope);
    measure("text mixed with a path", &json!("Hello {{ $node[\"Before\"].json.body.name }}!"), &scope);
    measure("a concat of three", &json!("{{ 'a' + $node[\"Before\"].json.body.name + 'b' }}"), &scope);
    measure(
        "a Set node's object of three fields",
        &json!({"n": "{{ $input.body.id }}", "t": "x {{ $input.body.id }}", "s": "plain"}),
        &scope,
    );
    measure("a small path in a document of 1 MB", &json!("{{ $trigger.large[9999].id }}"), &scope);
    measure("a map of 100", &json!("{{ $input.body.lines.map(x => x.price * 2) }}"), &scope);
    measure(
        "a filter, map and sum of 100",
        &json!("{{ $input.body.lines.filter(x => x.id % 2 == 0).map(x => x.price).sum() }}"),
        &scope,
    );
    measure("a copy of 100 objects", &json!("{{ $input.body.lines }}"), &scope);
    measure("a regular expression on 10 characters", &json!("{{ 'order 4711'.extract(/(\\d+)/) }}"), &scope);
    let start = Instant::now();
    for _ in 0..10_000 {
        black_box(compile(black_box(&json!("Hello {{ $node[\"Before\"].json.body.name }}!"))));
    }
    println!("{:>12.0} ns  compiling a text with a path", start.elapsed().as_nanos() as f64 / 10_000.0);
}
