//! Published ways out of other products' sandboxes, re-enacted against this one.
//!
//! Each line of `escapes.corpus` is one attempt. It succeeds when it gets hold of `eval`'s power, of a host
//! object, of the environment or of a file; then it returns a text that starts with `ESCAPED`. Anything else
//! (an error, null, a harmless value) is a refusal.

use serde_json::Value;

use super::{TIME, run, sandbox, thrown, value};
use flero_sandbox::Error;

/// Attempts, separated by lines that start with `## ` and name the source.
const CORPUS: &str = include_str!("escapes.corpus");

/// What every attempt may use: a way to show that a function runs text, and one that a host is reached.
const PRELUDE: &str = "
const ran = (f) => { try { return f('return 6*7')() === 42 ? 'ESCAPED: runs text' : 'no' } catch { return 'no' } };
const host = (o) => { try {
  const p = o?.process ?? o?.mainModule ?? o?.require ?? o?.Deno ?? o?.std ?? o?.os;
  return p === undefined ? 'no' : 'ESCAPED: host object' } catch { return 'no' } };
";

fn attempts() -> Vec<(&'static str, &'static str)> {
    let parts = CORPUS.split("\n## ").map(|part| part.trim_start_matches("## "));
    parts.filter_map(|part| part.split_once('\n')).collect()
}

/// Security test 46: no published escape reaches a host object, the compiler, the environment or a file.
#[tokio::test]
async fn no_published_escape_works() {
    let attempts = attempts();
    assert!(attempts.len() >= 40, "only {} attempts were found", attempts.len());
    let sandbox = sandbox();
    for (name, source) in attempts {
        let whole = format!("{PRELUDE}{source}");
        match sandbox.run("ws_one", &whole, &Value::Null, TIME).await {
            Ok(output) => {
                let all = format!("{} {}", output.value, output.logs.join(" "));
                assert!(!all.contains("ESCAPED"), "{name}: {all}");
                assert!(!all.contains("root:"), "{name}: {all}");
            }
            Err(Error::Code { name: kind, .. }) => {
                assert_ne!(kind, "SyntaxError", "{name} does not even parse, so it proves nothing");
            }
            Err(other) => panic!("{name}: {other}"),
        }
        assert_eq!(value(&sandbox, "return 2").await, 2, "after {name}");
    }
}

/// Security test 46: the detectors of the corpus do find what they look for.
#[tokio::test]
async fn the_detectors_of_the_corpus_work() {
    let sandbox = sandbox();
    let found = [
        "return ran((text) => () => text === 'return 6*7' ? 42 : 0)",
        "globalThis.process = {}; return host(globalThis)",
    ];
    for source in found {
        let seen = value(&sandbox, &format!("{PRELUDE}{source}")).await;
        assert!(seen.as_str().is_some_and(|text| text.starts_with("ESCAPED")), "{source}: {seen}");
    }
}

/// Security test 46: every route to the compiler is closed, by whatever name it is reached.
#[tokio::test]
async fn text_is_never_compiled() {
    let sandbox = sandbox();
    for source in [
        "return eval('6*7')",
        "return (0, eval)('6*7')",
        "return globalThis['ev' + 'al']('6*7')",
        "return Reflect.apply(eval, null, ['6*7'])",
        "return new Function('return 6*7')()",
        "return Function('return 6*7')()",
        "return (() => {}).constructor('return 6*7')()",
        "return (async () => {}).constructor('return 6*7')()",
        "return (function* () {}).constructor('return 6*7')().next().value",
        "return (async function* () {}).constructor('return 6*7')().next()",
        "return Object.getPrototypeOf(function () {}).constructor('return 6*7')()",
        "return Reflect.construct(Function, ['return 6*7'], Array)()",
        "return [].map.constructor('return 6*7')()",
        "return console.log.constructor('return 6*7')()",
        "class F extends Function {} return new F('return 6*7')()",
        "return Reflect.construct((async () => {}).constructor, ['return 6*7'])()",
        "return Function.prototype.constructor.call(null, 'return 6*7')()",
        "return Function.bind(null, 'return 6*7')()()",
        "return new (new Proxy(Function, {}))('return 6*7')()",
        "return import('data:text/javascript,export default 42')",
        "return import('code.js')",
        "return import('std')",
        "return import('os')",
    ] {
        let (name, _, _) = thrown(&sandbox, source).await;
        assert_ne!(name, "SyntaxError", "{source}");
    }
}

/// Security test 46: closing the function early gives code the same powers, not more.
#[tokio::test]
async fn code_that_closes_its_function_early_gains_nothing() {
    let sandbox = sandbox();
    let source = "return typeof process }\nexport const more = typeof require;\nfunction last() {";
    assert_eq!(value(&sandbox, source).await, "undefined");
    for source in ["}\nimport * as std from 'std';\n{", "}\nimport os from 'os';\n{", "}\nfor (;;) {}\n{"] {
        let result = sandbox.run("ws_one", source, &Value::Null, std::time::Duration::from_millis(300)).await;
        assert!(result.is_err(), "{source}: {result:?}");
    }
    assert_eq!(run(&sandbox, "return 2").await.expect("a result").value, 2);
}
