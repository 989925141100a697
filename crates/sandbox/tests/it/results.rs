//! What code gives back.

use serde_json::json;

use super::{TIME, run, sandbox, thrown, value};
use flero_sandbox::Error;

#[tokio::test]
async fn code_maps_its_input_to_a_result() {
    let input = json!({ "items": [{ "n": 1 }, { "n": 2.5 }], "text": "é\u{1F600}\"\\\n" });
    let source = "return { sum: input.items.reduce((a, i) => a + i.n, 0), text: input.text + '!' }";
    let output = sandbox().run("ws_one", source, &input, TIME).await.expect("a result");
    assert_eq!(output.value, json!({ "sum": 3.5, "text": "é\u{1F600}\"\\\n!" }));
    assert_eq!(output.logs, Vec::<String>::new());
}

#[tokio::test]
async fn the_language_is_whole() {
    let sandbox = sandbox();
    for (source, expected) in [
        ("return [...new Map([[1, 2]]), [...new Set('aa')].length]", json!([[1, 2], 1])),
        ("return 'a1b2'.replace(/(?<d>\\d)/gu, (m) => `<${m}>`)", json!("a<1>b<2>")),
        ("return new Date(0).toString()", json!("Thu Jan 01 1970 00:00:00 GMT+0000")),
        ("return String(BigInt(2) ** 70n)", json!("1180591620717411303424")),
        ("return atob(btoa('hello'))", json!("hello")),
        ("return [new Uint8Array([1, 300])[1], input?.a ?? 'none']", json!([44, "none"])),
        ("class A { #x = 4; get x() { return this.#x } } return new A().x", json!(4)),
        (
            "return Object.groupBy([1, 2, 3], (n) => n % 2 ? 'odd' : 'even')",
            json!({"odd": [1, 3], "even": [2]}),
        ),
        ("function* g() { yield 1; yield 2 } return [...g()]", json!([1, 2])),
        ("return encodeURIComponent('a b') + escape('é')", json!("a%20b%E9")),
        ("const { a, ...rest } = { a: 1, b: 2 }; return rest // a comment at the end", json!({ "b": 2 })),
    ] {
        assert_eq!(value(&sandbox, source).await, expected, "{source}");
    }
}

#[tokio::test]
async fn a_promise_is_awaited() {
    let sandbox = sandbox();
    let source = "const a = await Promise.all([1, Promise.resolve(2)]); return new Promise((ok) => ok(a))";
    assert_eq!(value(&sandbox, source).await, json!([1, 2]));
    assert_eq!(value(&sandbox, "return { then(ok) { ok('thenable') } }").await, json!("thenable"));
    let (_, message, _) = thrown(&sandbox, "await new Promise(() => {})").await;
    assert_eq!(message, "the code waits for a promise that nothing will ever resolve");
    let (name, message, line) = thrown(&sandbox, "\nreturn Promise.reject(new RangeError('no'))").await;
    assert_eq!((name.as_str(), message.as_str(), line), ("RangeError", "no", Some(2)));
}

#[tokio::test]
async fn nothing_returned_is_null() {
    let sandbox = sandbox();
    for source in ["", "return", "return undefined", "return null", "// only a comment"] {
        assert_eq!(value(&sandbox, source).await, json!(null), "{source}");
    }
    assert_eq!(
        value(&sandbox, "return { a: undefined, b: NaN, c: [undefined] }").await,
        json!({"b": null, "c": [null]})
    );
}

#[tokio::test]
async fn what_json_cannot_hold_is_named() {
    let sandbox = sandbox();
    for (source, expected) in [
        ("return 1n", "the result holds a BigInt, which JSON cannot hold"),
        ("return { price: 1n }", "the result holds a BigInt in \"price\", which JSON cannot hold"),
        ("return () => 1", "the result holds a function, which JSON cannot hold"),
        ("return { a: [Math.max] }", "the result holds a function in \"0\", which JSON cannot hold"),
        ("return { s: Symbol('x') }", "the result holds a symbol in \"s\", which JSON cannot hold"),
        ("const a = {}; a.a = a; return a", "circular reference"),
    ] {
        let (name, message, _) = thrown(&sandbox, source).await;
        assert_eq!((name.as_str(), message.as_str()), ("TypeError", expected), "{source}");
    }
}

#[tokio::test]
async fn half_a_character_becomes_a_replacement() {
    let sandbox = sandbox();
    assert_eq!(
        value(&sandbox, "return ['\u{1F600}'.slice(0, 1), '\u{1F600}']").await,
        json!(["\u{fffd}", "\u{1F600}"])
    );
    let output = run(&sandbox, "console.log('\\ud83d'); return 1").await.expect("a result");
    assert_eq!(output.value, json!(1));
}

#[tokio::test]
async fn errors_name_the_line_of_the_source() {
    let sandbox = sandbox();
    for (source, name, message, line) in [
        ("const a = 1\nreturn a.b.c", "TypeError", "cannot read property 'c' of undefined", Some(2)),
        ("\n\nthrow new Error('boom')", "Error", "boom", Some(3)),
        ("const f = () => {\n  nothing()\n}\nf()", "ReferenceError", "nothing is not defined", Some(2)),
        ("throw 'plain text'", "Error", "plain text", None),
        ("throw { a: 1 }", "Error", "[object Object]", None),
        ("throw null", "Error", "the code threw null, or needed more memory than it may use", None),
        ("class E extends Error { name = 'Mine' }\nthrow new E('own')", "Mine", "own", Some(1)),
    ] {
        let (got_name, got_message, got_line) = thrown(&sandbox, source).await;
        assert_eq!((got_name.as_str(), got_message.as_str(), got_line), (name, message, line), "{source}");
    }
}

#[tokio::test]
async fn code_that_does_not_parse_names_the_line() {
    let sandbox = sandbox();
    for (source, line) in
        [("return 1 +\n", None), ("const a = 1\nconst a = 2", Some(2)), ("\n\nreturn )", Some(3))]
    {
        let (name, _, got) = thrown(&sandbox, source).await;
        assert_eq!(name, "SyntaxError", "{source}");
        assert!(line.is_none() || got == line, "{source}: {got:?}");
    }
    let (name, message, _) = thrown(&sandbox, "return '\0'").await;
    assert_eq!((name.as_str(), message.as_str()), ("SyntaxError", "the code contains a NUL character"));
}

#[tokio::test]
async fn console_lines_come_back_with_results_and_with_errors() {
    let sandbox = sandbox();
    let source =
        "console.log('a', 1, { b: [true] }); console.warn(new TypeError('t')); console.error(() => 1)";
    let output = run(&sandbox, source).await.expect("a result");
    assert_eq!(output.logs, ["a 1 {\"b\":[true]}", "TypeError: t", "function"]);
    match run(&sandbox, "console.info('before'); throw new Error('x')").await {
        Err(Error::Code { logs, .. }) => assert_eq!(logs, ["before"]),
        other => panic!("{other:?}"),
    }
    // What a value does while it is shown is bounded like everything else and does not end the code.
    let source = "console.log({ toJSON() { throw 1 } }, { get a() { throw 2 } }); return 'on'";
    assert_eq!(value(&sandbox, source).await, json!("on"));
}
