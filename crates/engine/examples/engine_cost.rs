//! What the engine itself costs: runs without effects on SQLite, many at the same time.
//!
//! `cargo run --release -p flero-engine --example engine_cost` prints executions per second and CPU microseconds per
//! execution. The whole product is measured by `cargo xtask bench`; this tells how much of it is the engine and
//! the store.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

mod installation;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use flero_engine::{CompiledWorkflow, Engine, EngineConfig};
use serde_json::{Value, json};

use installation::{cpu_ns, start};

/// A webhook and ten Set nodes; with `reading`, each reads the one before it.
fn ten_nodes(reading: bool) -> Value {
    let mut nodes = vec![json!({"id": "n0", "name": "N0", "type": "Start"})];
    let mut edges = Vec::new();
    for place in 1..=10 {
        let value = match (reading, place) {
            (true, 1) => json!("{{ $trigger.n }}"),
            (true, _) => json!(format!("{{{{ $node[\"N{}\"].json.v{} + 1 }}}}", place - 1, place - 1)),
            (false, _) => json!(place),
        };
        let name = format!("v{place}");
        nodes.push(json!({"id": format!("n{place}"), "name": format!("N{place}"), "type": "Set", "parameters": {"fields": {name: value}}}));
        edges.push(json!({"from": format!("n{}", place - 1), "to": format!("n{place}")}));
    }
    json!({"name": "Ten", "nodes": nodes, "edges": edges})
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = installation::engine(folder.path(), EngineConfig::default()).await;
    for (name, reading) in [("10 Set nodes", false), ("10 nodes with expressions", true)] {
        measure(name, &engine, &installation::workflow(&ten_nodes(reading))).await;
    }
}

async fn measure(name: &str, engine: &Engine, workflow: &Arc<CompiledWorkflow>) {
    let count = Arc::new(AtomicU64::new(0));
    let (began, cpu) = (Instant::now(), cpu_ns());
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (engine, workflow, count) = (engine.clone(), Arc::clone(workflow), Arc::clone(&count));
            tokio::spawn(async move {
                while began.elapsed() < Duration::from_secs(3) {
                    let run = start(&workflow, json!({"n": 1, "body": {"id": 7}}));
                    engine.start_and_wait(run, Duration::from_secs(5)).await.unwrap();
                    count.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let count = count.load(Ordering::Relaxed);
    #[allow(clippy::cast_precision_loss)] // Three digits are shown.
    let (per_second, per_run) =
        (count as f64 / began.elapsed().as_secs_f64(), (cpu_ns() - cpu) as f64 / 1_000.0 / count as f64);
    println!("{name}: {per_second:.0} executions/s, {per_run:.1} µs CPU each");
}
