//! A child that somebody has taken over: the server believes nothing that it says beyond a bounded result.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::run;
use flero_sandbox::{Error, Sandbox, SandboxConfig};

/// A sandbox whose child says that it is locked and then carries out `script`, whatever it is asked.
/// It takes one byte first, so that it does not end before the server has written to it.
fn speaking(script: &str) -> Sandbox {
    let ready = frame(r#"{"Locked":{"namespaces":false}}"#);
    let mut config = SandboxConfig::new(
        "/bin/sh".into(),
        vec!["-c".into(), format!("{ready}; head -c 1 >/dev/null; {script}")],
    );
    config.limits.output_bytes = 1000;
    config.limits.timeout = Duration::from_secs(5);
    Sandbox::new(config).expect("a sandbox")
}

/// Shell words that write one frame; the length in octal, as the shell's `printf` wants it.
fn frame(text: &str) -> String {
    let length = u32::try_from(text.len()).expect("short").to_le_bytes();
    let octal: String = length.iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("printf '{octal}%s' '{text}'")
}

/// The answer to the call with this number.
fn answer(id: u64, outcome: &Value) -> String {
    frame(&json!({ "id": id, "outcome": outcome, "logs": [], "cpu_ms": 0 }).to_string())
}

#[tokio::test]
async fn an_honest_shell_would_be_believed() {
    // The other tests of this file mean something only if their child speaks well enough to be heard.
    let sandbox = speaking(&format!("{}; exec sleep 60", answer(1, &json!({ "Value": [1, 2] }))));
    assert_eq!(run(&sandbox, "return 0").await.expect("a result").value, json!([1, 2]));
}

#[tokio::test]
async fn answers_that_are_none_replace_the_child() {
    for (what, script) in [
        ("another call's answer", answer(7, &json!({ "Value": 1 }))),
        ("an unknown outcome", answer(1, &json!({ "Secret": 1 }))),
        ("no JSON", frame("hello")),
        ("an unknown field", frame(r#"{"id":1,"outcome":"Timeout","logs":[],"cpu_ms":0,"run":"rm"}"#)),
        ("an early end", "exit 0".to_owned()),
    ] {
        let sandbox = speaking(&script);
        let result = run(&sandbox, "return 0").await;
        assert!(matches!(result, Err(Error::Protocol)), "{what}: {result:?}");
        assert!(sandbox.idle_children().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn a_child_that_writes_too_much_is_killed() {
    for script in ["printf '\\377\\377\\377\\377'; exec yes", "printf '\\000\\000\\000\\020'; exec yes"] {
        let sandbox = speaking(script);
        let result = run(&sandbox, "return 0").await;
        assert!(matches!(result, Err(Error::TooLarge { what: "result", .. })), "{result:?}");
        assert!(sandbox.idle_children().is_empty());
    }
}

#[tokio::test]
async fn a_child_that_says_nothing_is_killed_in_time() {
    let sandbox = speaking("exec sleep 60");
    let start = Instant::now();
    let result = sandbox.run("ws_one", "return 0", &Value::Null, Duration::from_millis(300)).await;
    assert!(matches!(result, Err(Error::Timeout(_))), "{result:?}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_child_that_could_not_lock_itself_runs_nothing() {
    let script = format!("{}; exec sleep 60", frame(r#"{"Failed":"forbidding dumps: no"}"#));
    let sandbox =
        Sandbox::new(SandboxConfig::new("/bin/sh".into(), vec!["-c".into(), script])).expect("a sandbox");
    match run(&sandbox, "return 0").await {
        Err(Error::Start(reason)) => assert_eq!(reason, "forbidding dumps: no"),
        other => panic!("{other:?}"),
    }
}
