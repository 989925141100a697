//! Nothing crosses from one call to the next, or from one workspace to another.

use std::time::Duration;

use serde_json::{Value, json};

use super::{TIME, config, run, sandbox, value};
use flero_sandbox::{Error, Sandbox};

#[tokio::test]
async fn no_state_survives_a_call() {
    let sandbox = sandbox();
    for source in [
        "globalThis.leak = 1; Object.prototype.leak = 1; Array.prototype.map = () => 'leak'; return 1",
        "JSON.stringify = () => '\"leak\"'; JSON.parse = () => 'leak'; Math.max = () => 'leak'; return 1",
        "Promise.prototype.then = () => 'leak'; console.log = () => {}; Object.freeze(globalThis); return 1",
        "Symbol.for('leak'); (function f() { Promise.resolve().then(f) })(); return 1",
        "new FinalizationRegistry(() => { globalThis.leak = 1 }).register({}); return 1",
    ] {
        value(&sandbox, source).await;
    }
    let source = "console.log('kept'); return [typeof leak, ({}).leak ?? 'none', [1].map((n) => n + 1), JSON.parse('3'), \
                  Math.max(1, 2), await Promise.resolve(4), Object.isFrozen(globalThis)]";
    let output = run(&sandbox, source).await.expect("a result");
    assert_eq!(output.value, json!(["undefined", "none", [2], 3, 2, 4, false]));
    assert_eq!(output.logs, ["kept"]);
    assert_eq!(sandbox.idle_children().len(), 1, "all calls ran in one child");
}

#[tokio::test]
async fn a_child_serves_one_workspace_only() {
    let sandbox = sandbox();
    for _ in 0..3 {
        for workspace in ["ws_one", "ws_two"] {
            sandbox.run(workspace, "return 1", &Value::Null, TIME).await.expect("a result");
        }
    }
    let mut children = sandbox.idle_children();
    children.sort();
    assert_eq!(children.len(), 2);
    assert_eq!((children[0].0.as_str(), children[1].0.as_str()), ("ws_one", "ws_two"));
    assert_ne!(children[0].1, children[1].1);
}

#[tokio::test]
async fn a_child_is_ended_when_another_workspace_needs_its_place() {
    let mut config = config();
    config.children = 1;
    let sandbox = Sandbox::new(config).expect("a sandbox");
    let mut seen = Vec::new();
    for workspace in ["ws_one", "ws_two", "ws_one"] {
        sandbox.run(workspace, "return 1", &Value::Null, TIME).await.expect("a result");
        let children = sandbox.idle_children();
        assert_eq!(children.len(), 1);
        assert_eq!(children[0].0, workspace);
        assert!(!seen.contains(&children[0].1), "a process was handed on");
        seen.push(children[0].1);
    }
    assert!(gone(seen[0]).await && gone(seen[1]).await);
}

#[tokio::test]
async fn there_are_never_more_children_than_places() {
    let mut config = config();
    config.children = 2;
    let sandbox = Sandbox::new(config).expect("a sandbox");
    let calls: Vec<_> = (0..12)
        .map(|n| {
            let sandbox = sandbox.clone();
            tokio::spawn(async move {
                sandbox
                    .run(&format!("ws_{}", n % 5), "return input", &json!(n), TIME)
                    .await
                    .expect("a result")
                    .value
            })
        })
        .collect();
    for (n, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.expect("no panic"), json!(n));
        assert!(sandbox.idle_children().len() <= 2);
    }
}

#[tokio::test]
async fn a_child_is_replaced_after_its_number_of_calls() {
    let mut config = config();
    config.calls_per_child = 2;
    let sandbox = Sandbox::new(config).expect("a sandbox");
    run(&sandbox, "return 1").await.expect("a result");
    let first = sandbox.idle_children()[0].1;
    run(&sandbox, "return 1").await.expect("a result");
    assert!(sandbox.idle_children().is_empty());
    assert!(gone(first).await);
}

#[tokio::test]
async fn an_idle_child_is_ended() {
    let mut config = config();
    config.idle = Duration::from_millis(100);
    let sandbox = Sandbox::new(config).expect("a sandbox");
    run(&sandbox, "return 1").await.expect("a result");
    let child = sandbox.idle_children()[0].1;
    assert!(gone(child).await);
    assert!(sandbox.idle_children().is_empty());
    assert_eq!(value(&sandbox, "return 2").await, json!(2));
}

#[tokio::test]
async fn a_killed_child_is_a_clear_error_and_the_next_call_works() {
    let sandbox = sandbox();
    run(&sandbox, "return 1").await.expect("a result");
    let child = sandbox.idle_children()[0].1;
    kill(child);
    let result = run(&sandbox, "return 1").await;
    assert!(matches!(result, Err(Error::Crashed { .. })), "{result:?}");
    assert_eq!(value(&sandbox, "return 2").await, json!(2));
}

#[tokio::test]
async fn a_dropped_call_ends_its_child() {
    let sandbox = sandbox();
    run(&sandbox, "return 1").await.expect("a result");
    let child = sandbox.idle_children()[0].1;
    let call = sandbox.run("ws_one", "for (;;) {}", &Value::Null, TIME);
    assert!(tokio::time::timeout(Duration::from_millis(100), call).await.is_err());
    assert!(gone(child).await);
    assert_eq!(value(&sandbox, "return 2").await, json!(2));
}

#[tokio::test]
async fn dropping_the_sandbox_ends_its_children() {
    let sandbox = sandbox();
    run(&sandbox, "return 1").await.expect("a result");
    let child = sandbox.idle_children()[0].1;
    drop(sandbox);
    assert!(gone(child).await);
}

#[tokio::test]
async fn a_program_that_is_no_child_is_named_as_such() {
    for (program, args) in [("/bin/true", vec![]), ("/bin/cat", vec![]), ("/nowhere/at-all", vec![])] {
        let sandbox =
            Sandbox::new(flero_sandbox::SandboxConfig::new(program.into(), args)).expect("a sandbox");
        let result = run(&sandbox, "return 1").await;
        assert!(matches!(result, Err(Error::Start(_))), "{program}: {result:?}");
    }
}

/// Whether the process ends within some seconds.
async fn gone(pid: u32) -> bool {
    for _ in 0..500 {
        match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) if !stat.contains(") Z ") => tokio::time::sleep(Duration::from_millis(10)).await,
            _ => return true,
        }
    }
    false
}

/// Kills one child and waits until the kernel has done so.
fn kill(pid: u32) {
    let pid = pid.to_string();
    assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().expect("kill").success());
    while std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
        std::thread::sleep(Duration::from_millis(5));
    }
}
