//! Code that takes too much of something: a clear error each time, and the next call works.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{TIME, config, run, sandbox, thrown, value};
use flero_sandbox::{Error, Sandbox};

/// Short enough for tests, long enough to start a child on a busy machine.
const SHORT: Duration = Duration::from_millis(300);

/// Runs code that never ends and checks that it is stopped soon after its time.
async fn is_stopped(sandbox: &Sandbox, source: &str) {
    run(sandbox, "return 1").await.expect("a warm child");
    let start = Instant::now();
    let result = sandbox.run("ws_one", source, &Value::Null, SHORT).await;
    assert!(matches!(result, Err(Error::Timeout(limit)) if limit == SHORT), "{source}: {result:?}");
    assert!(start.elapsed() < Duration::from_secs(10), "{source}: {:?}", start.elapsed());
    assert_eq!(value(sandbox, "return 2").await, json!(2), "after {source}");
}

#[tokio::test]
async fn endless_code_is_stopped() {
    let sandbox = sandbox();
    for source in [
        "for (;;) {}",
        "while (true) { try { for (;;) {} } catch {} finally { continue } }",
        "(function f() { Promise.resolve().then(f) })(); await new Promise(() => {})",
        "return { toJSON() { for (;;) {} } }",
        "throw { get message() { for (;;) {} }, toString() { for (;;) {} } }",
        "throw Object.assign(new Error(), { toString() { for (;;) {} }, get name() { for (;;) {} } })",
        "await { then() { for (;;) {} } }",
        "return /^(a+)+$/.test('a'.repeat(40) + '!')",
        "return new Array(1e9) + ''",
        "return 'x'.repeat(1 << 17).split('').map((_, i, a) => a.indexOf(i)).length",
        "return [...{ *[Symbol.iterator]() { for (;;) yield* [] } }]",
        "const a = []; a.length = 4294967295; a.sort(() => 0); return a.reverse().length",
        "class A { static { for (;;) {} } }",
    ] {
        is_stopped(&sandbox, source).await;
    }
}

#[tokio::test]
async fn memory_bombs_end_in_an_error() {
    let sandbox = sandbox();
    for source in [
        "const a = []; for (;;) a.push(new Array(1e6).fill(1))",
        "let s = 'x'; for (;;) s += s",
        "return 'x'.repeat(2 ** 30 - 1).padEnd(2 ** 30)",
        "return new Uint8Array(2 ** 31)",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, {})",
        "return 'abc'.repeat(1e6).replace(/./g, '$`')",
        "return JSON.stringify(new Array(1e8).fill('xxxxxxxxxx'))",
        "const a = []; const f = () => a.push(f) && f.bind(null, a); for (;;) a.push(f())",
        "return 2n ** 10_000_000_000n",
        // Each promise waits for the next one, so that the chain grows until the memory or the time ends, whichever is first.
        "function f() { return Promise.resolve().then(f) } await f()",
    ] {
        match sandbox.run("ws_one", source, &Value::Null, TIME).await {
            Err(Error::Code { .. } | Error::Crashed { .. } | Error::Timeout(_)) => {}
            other => panic!("{source}: {other:?}"),
        }
        assert_eq!(value(&sandbox, "return 2").await, json!(2), "after {source}");
    }
    let (name, message, _) = thrown(&sandbox, "const a = []; for (;;) a.push(new Array(1e6).fill(1))").await;
    assert_eq!(
        (name.as_str(), message.as_str()),
        ("OutOfMemory", "the code needs more memory than it may use")
    );
}

#[tokio::test]
async fn deep_recursion_ends_in_an_error() {
    let sandbox = sandbox();
    let nested = format!("return {}1{}", "(".repeat(50_000), ")".repeat(50_000));
    let arrays = format!("return {}{}", "[".repeat(50_000), "]".repeat(50_000));
    for source in [
        "function f() { return f() + 1 } return f()",
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a",
        "let a = {}; for (let i = 0; i < 300; i++) a = { a }; return a",
        "const o = {}; Object.defineProperty(o, 'x', { get() { return this.x } }); return o.x",
        "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p.x",
        "return /(/.test(1)",
        "return JSON.parse('['.repeat(1e5))",
        "let s = 'a'; for (let i = 0; i < 1e5; i++) s = `(${s})`; return new RegExp(s).test('a')",
        &nested,
        &arrays,
    ] {
        let (name, message, _) = thrown(&sandbox, source).await;
        assert!(!name.is_empty() && !message.is_empty(), "{name} {message}");
        assert_eq!(value(&sandbox, "return 2").await, json!(2));
    }
}

#[tokio::test]
async fn a_result_over_the_limit_is_refused() {
    let mut config = config();
    config.limits.output_bytes = 1000;
    let sandbox = Sandbox::new(config).expect("a sandbox");
    assert_eq!(value(&sandbox, "return 'x'.repeat(998)").await, json!("x".repeat(998)));
    for source in
        ["return 'x'.repeat(999)", "return new Array(1e5).fill('xxxxxxxxxx')", "return 'é'.repeat(500)"]
    {
        let result = run(&sandbox, source).await;
        assert!(matches!(result, Err(Error::TooLarge { what: "result", limit_bytes: 1000 })), "{result:?}");
    }
}

#[tokio::test]
async fn a_source_or_an_input_over_the_limit_is_refused() {
    let mut config = config();
    config.limits.source_bytes = 100;
    config.limits.input_bytes = 1000;
    let sandbox = Sandbox::new(config).expect("a sandbox");
    let result = run(&sandbox, &" ".repeat(101)).await;
    assert!(matches!(result, Err(Error::TooLarge { what: "source", limit_bytes: 100 })), "{result:?}");
    let result = sandbox.run("ws_one", "return 1", &json!("x".repeat(1000)), TIME).await;
    assert!(matches!(result, Err(Error::TooLarge { what: "input", limit_bytes: 1000 })), "{result:?}");
    let output =
        sandbox.run("ws_one", "return input.length", &json!("x".repeat(800)), TIME).await.expect("it fits");
    assert_eq!(output.value, json!(800));
}

#[tokio::test]
async fn console_keeps_a_bounded_number_of_bytes() {
    let sandbox = sandbox();
    let output =
        run(&sandbox, "for (let i = 0; i < 1e5; i++) console.log('line ' + i)").await.expect("a result");
    assert_eq!(output.logs.len(), 100);
    let output = run(&sandbox, "console.log('é'.repeat(1e6)); console.log('more')").await.expect("a result");
    assert_eq!(output.logs, ["é".repeat(8 << 10)]);
}

#[tokio::test]
async fn callers_that_find_no_child_are_told() {
    let mut config = config();
    config.children = 1;
    config.queue = Duration::from_millis(50);
    let sandbox = Sandbox::new(config).expect("a sandbox");
    run(&sandbox, "return 1").await.expect("a warm child");
    let (long, short) =
        tokio::join!(sandbox.run("ws_one", "for (;;) {}", &Value::Null, Duration::from_secs(1)), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            run(&sandbox, "return 1").await
        });
    assert!(matches!(long, Err(Error::Timeout(_))), "{long:?}");
    assert!(matches!(short, Err(Error::Busy(_))), "{short:?}");
}
