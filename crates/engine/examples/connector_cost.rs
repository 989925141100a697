//! What an operation of a connector costs beside the plain HTTP node, and what a file of 500 MB takes.
//!
//! `cargo run --release -p flero-engine --example connector_cost` runs one workflow with each node in turn, one call at
//! a time, against a service on loopback, and prints the time and the processor time of a run; then it fetches a file
//! into blob storage and sends it away again, and prints how much memory that took. `FLERO_FILE_MB` is another size.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss)]

mod installation;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flero_engine::{CompiledWorkflow, Engine, EngineConfig, Outcome};
use flero_model::{Timestamp, UserId, execution::ExecutionStatus};
use flero_openapi::{Document, Summary, Tier, compile, pack};
use flero_store::{ConnectorStore, connectors::NewConnector};
use flero_store_sqlite::SqliteStore;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use installation::{WORKSPACE, cpu_ns, start};

/// How many runs of each kind are timed.
const RUNS: usize = 2_000;

#[tokio::main]
async fn main() {
    let megabytes = std::env::var("FLERO_FILE_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    let url = service(megabytes << 20).await;
    let folder = tempfile::tempdir().unwrap();
    let config = EngineConfig { file_bytes: (megabytes + 1) << 20, ..EngineConfig::default() };
    let (engine, store) = installation::engine(folder.path(), config).await;
    import(&store, &url).await;
    calls(&engine, &url).await;
    files(&engine, &url, megabytes).await;
}

/// A service that answers with a small document, gives a file away and takes one.
async fn service(length: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            tokio::spawn(serve(stream, length));
        }
    });
    url
}

async fn serve(mut stream: TcpStream, length: u64) {
    let mut piece = vec![0; 64 << 10];
    loop {
        let mut head = Vec::new();
        let end = loop {
            if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            match stream.read(&mut piece).await {
                Ok(read) if read > 0 => head.extend_from_slice(&piece[..read]),
                _ => return,
            }
        };
        let text = String::from_utf8_lossy(&head[..end]).to_lowercase();
        let announced = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let mut left = announced.map_or(0, |text| text.trim().parse::<u64>().unwrap());
        left -= (head.len() - end) as u64;
        while left > 0 {
            left -= stream.read(&mut piece).await.unwrap() as u64;
        }
        if text.starts_with("get /file") {
            let head = format!(
                "HTTP/1.1 200 x\r\ncontent-type: application/zip\r\ncontent-length: {length}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            for _ in 0..length / piece.len() as u64 {
                stream.write_all(&piece).await.unwrap();
            }
        } else {
            let body = r#"{"id": 7, "name": "Ada", "active": true}"#;
            let head = "HTTP/1.1 200 x\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n";
            stream.write_all([head, body].concat().as_bytes()).await.unwrap();
        }
    }
}

async fn import(store: &SqliteStore, url: &str) {
    let text = |place: &str, name: &str| json!({"name": name, "in": place, "required": place == "path", "schema": {"type": "string", "maxLength": 100}});
    let answer = json!({"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}});
    let document = json!({"openapi": "3.1.0", "info": {"title": "Measured", "version": "1"}, "servers": [{"url": url}],
        "x-flero": {"errors": {"present": "/error", "code": "/error"}},
        "paths": {"/people/{id}": {"post": {"operationId": "change", "parameters": [text("path", "id"), text("query", "fields")], "responses": answer,
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["name"],
                "properties": {"name": {"type": "string"}, "active": {"type": "boolean"}, "tags": {"type": "array", "items": {"type": "string"}}}}}}}}}}});
    let compiled = compile(&Document::of(document).unwrap()).unwrap();
    let summary = Summary::of("measured", Tier::Imported, &compiled.connector);
    let connector = NewConnector {
        workspace: WORKSPACE,
        id: "measured".to_owned(),
        summary: serde_json::to_string(&summary).unwrap(),
        pack: pack::write(summary, compiled.connector, ""),
        by: UserId::from_u128(3),
        at: Timestamp::from_millis(0),
    };
    store.put_connector(connector, Vec::new()).await.unwrap();
}

fn workflow(nodes: Value, edges: Value) -> Arc<CompiledWorkflow> {
    installation::workflow(&json!({"name": "Measured", "nodes": nodes, "edges": edges}))
}

async fn run(engine: &Engine, workflow: &Arc<CompiledWorkflow>) {
    match engine.start_and_wait(start(workflow, json!({})), Duration::from_secs(600)).await.unwrap() {
        Outcome::Finished(end) => assert_eq!(end.status, ExecutionStatus::Success, "{:?}", end.error),
        Outcome::StillRunning(_) => panic!("the run did not end"),
    }
}

async fn calls(engine: &Engine, url: &str) {
    let start = json!({"id": "s", "name": "S", "type": "Start"});
    let edges = json!([{"from": "s", "to": "c"}]);
    let body = json!({"name": "Ada", "active": true, "tags": ["a", "b"]});
    let plain = json!({"id": "c", "name": "C", "type": "HTTPRequest", "parameters": {"url": format!("{url}/people/7?fields=all"),
        "method": "POST", "bodyType": "json", "body": body}});
    let inputs = json!({"id": "7", "fields": "all", "name": "Ada", "active": true, "tags": ["a", "b"]});
    let operation = json!({"id": "c", "name": "C", "type": "Connector", "connector": "measured", "operation": "change", "parameters": inputs});
    let [plain, operation] =
        [plain, operation].map(|node| workflow(json!([start.clone(), node]), edges.clone()));
    let mut took = [Vec::with_capacity(RUNS), Vec::with_capacity(RUNS)];
    let mut used = [0_u64; 2];
    // In turn, so that whatever else the machine does meets both.
    for round in 0..RUNS + 100 {
        for (place, workflow) in [&plain, &operation].into_iter().enumerate() {
            let (began, cpu) = (Instant::now(), cpu_ns());
            run(engine, workflow).await;
            if round >= 100 {
                took[place].push(began.elapsed());
                used[place] += cpu_ns() - cpu;
            }
        }
    }
    took.iter_mut().for_each(|all| all.sort());
    let [plain, operation] = took.map(|all| all[RUNS / 2].as_secs_f64() * 1e6);
    let [plain_cpu, operation_cpu] = used.map(|all| all as f64 / 1e3 / RUNS as f64);
    println!("a run with one call, median: HTTP node {plain:.0} us, operation {operation:.0} us");
    println!("an operation adds {:.0} us (limit 150 us)", operation - plain);
    println!(
        "processor time of a run, the service's included: {plain_cpu:.0} us and {operation_cpu:.0} us, {:.0} us more",
        operation_cpu - plain_cpu
    );
}

async fn files(engine: &Engine, url: &str, megabytes: u64) {
    let start = json!({"id": "s", "name": "S", "type": "Start"});
    let fetch = json!({"id": "a", "name": "A", "type": "HTTPRequest", "parameters": {"url": format!("{url}/file"), "timeoutMs": 300_000}});
    let send = json!({"id": "b", "name": "B", "type": "HTTPRequest", "parameters": {"url": format!("{url}/up"), "method": "POST",
        "bodyType": "multipart", "body": {"file": "{{ $node[\"A\"].json.body }}"}, "timeoutMs": 300_000}});
    let there = workflow(json!([start, fetch]), json!([{"from": "s", "to": "a"}]));
    let and_back =
        workflow(json!([start, fetch, send]), json!([{"from": "s", "to": "a"}, {"from": "a", "to": "b"}]));
    for (name, workflow) in [("fetched", there), ("fetched and sent", and_back)] {
        // The highest memory begins anew (proc(5), clear_refs).
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let (before, began) = (memory("VmRSS:"), Instant::now());
        run(engine, &workflow).await;
        println!(
            "a file of {megabytes} MB {name}: {:.1} s, memory grew by {:.1} MB at most (limit 30 MB)",
            began.elapsed().as_secs_f64(),
            memory("VmHWM:") - before
        );
    }
}

/// A line of `/proc/self/status`, in megabytes.
fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1e3
}
