//! `kill -9` under load: what was acknowledged is there, and nothing is stuck.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;

use super::harness::{Echo, Installation, request};

const TOKEN: &str = "kill-test-token-5f0e2c71a9";

/// How often the server is killed: 100 times in the test run, 1,000 in the long one (SECURITY: figure 1).
fn rounds() -> u32 {
    if std::env::var_os("FLERO_SOAK").is_some() { 1_000 } else { 100 }
}

#[test]
fn a_hundred_kills_lose_no_acknowledged_execution_and_leave_none_stuck() {
    let echo = Echo::start(TOKEN);
    let mut flero = Installation::with_owner(&format!("127.0.0.1:{}", echo.port));
    flero.start();
    let credential = flero.bearer(TOKEN, echo.port);
    let call = json!({"id": "call", "name": "Call", "type": "HTTPRequest", "credentialId": credential, "retries": 2, "retryDelayMs": 50,
        "parameters": {"method": "POST", "url": format!("http://127.0.0.1:{}/orders", echo.port), "bodyType": "json", "body": {"n": "{{ $trigger.body.n }}"}}});
    let after = json!({"id": "after", "name": "After", "type": "Set", "parameters": {"fields": {"seen": "{{ $input.statusCode }}"}}});
    flero.active_workflow("kill", "immediately", vec![call, after], &json!("{{ $input.seen }}"));

    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..rounds() {
        let stop = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> =
            (0..4).map(|_| caller(flero.port, acknowledged.clone(), stop.clone())).collect();
        // A machine that is slow to answer first has something to lose all the same.
        let begin = Instant::now();
        while acknowledged.lock().unwrap().is_empty() {
            assert!(begin.elapsed() < Duration::from_secs(30), "nothing is acknowledged");
            std::thread::sleep(Duration::from_millis(1));
        }
        // A bounded pseudo-random time under load, so that kills fall on every step.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(20 + (seed >> 33) % 180));
        flero.kill();
        stop.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.join().unwrap();
        }
        flero.start();
    }
    settle(&flero);
    let stored = all_executions(&flero);
    let acknowledged = acknowledged.lock().unwrap();
    let lost: Vec<&String> =
        acknowledged.iter().filter(|id| !stored.iter().any(|(stored, _)| stored == *id)).collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged executions are lost: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
    let failed: Vec<_> = stored.iter().filter(|(_, status)| status != "success").collect();
    assert!(failed.is_empty(), "not ended well: {failed:?}");
    println!(
        "{} kills, {} acknowledged, {} stored, {} calls",
        rounds(),
        acknowledged.len(),
        stored.len(),
        echo.keys.lock().unwrap().len()
    );
}

/// Calls the webhook until told to stop or the server is away; notes what was acknowledged.
fn caller(
    port: u16,
    acknowledged: Arc<Mutex<HashSet<String>>>,
    stop: Arc<AtomicBool>,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut number = 0;
        while !stop.load(Ordering::Relaxed) {
            number += 1;
            let Ok((status, text)) = request(port, "POST", "/webhook/kill", "", Some(&json!({"n": number})))
            else {
                break;
            };
            assert_eq!(status, 200, "{text}");
            let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
            acknowledged.lock().unwrap().insert(answer["executionId"].as_str().unwrap().to_owned());
        }
    })
}

/// Waits until no execution is open any more.
fn settle(flero: &Installation) {
    let begin = Instant::now();
    loop {
        let open: u64 = ["pending", "running", "waitingForInput"]
            .iter()
            .map(|status| {
                flero.call("GET", &format!("/api/executions?limit=1&status={status}"), None)["total"]
                    .as_u64()
                    .unwrap()
            })
            .sum();
        if open == 0 {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "{open} executions are stuck");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn all_executions(flero: &Installation) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = flero.call("GET", &format!("/api/executions?limit=200{cursor}"), None);
        for item in page["items"].as_array().unwrap() {
            all.push((item["id"].as_str().unwrap().to_owned(), item["status"].as_str().unwrap().to_owned()));
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
