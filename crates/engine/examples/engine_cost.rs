//! What the engine itself costs: runs without effects on SQLite, many at the same time.
//!
//! `cargo run --release -p flero-engine --example engine_cost` prints executions per second and CPU microseconds per
//! execution. The whole product is measured by `cargo xtask bench`; this tells how much of it is the engine and
//! the store.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use flero_connect::{
    Config, Connect, CredentialSource, OpenSecret, Ports, StoreSource, resolve::SystemResolver,
};
use flero_engine::{CompiledWorkflow, Engine, EngineConfig, EngineParts, StartRun};
use flero_keyring::{Keyring, Options};
use flero_model::{
    Clock, NodeInstanceId, OrganizationId, Timestamp, UserId, WorkflowId, WorkspaceId,
    execution::TriggerKind, workflow::WorkflowDocument,
};
use flero_store::{
    BlobStore, Store, WorkflowStore,
    workflows::{NewVersion, Workflow, WorkflowStatus, WorkflowVersion},
};
use flero_store_sqlite::{FileBlobs, SqliteStore};
use serde_json::{Value, json};

/// A clock that begins at a fixed time.
struct Steady(Instant);

impl Clock for Steady {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.0.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(1_800_000_000_000 + passed)
    }
}

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

/// CPU time of this process in nanoseconds, over all its threads.
fn cpu_ns() -> u64 {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        sum += text.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
    }
    sum
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("flero.db")).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(Steady(Instant::now()));
    let node = NodeInstanceId::from_u128(1);
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let keyring = Keyring::sealed(Arc::new(store.clone()), Arc::clone(&clock), node, Options::default());
    let connect = Connect::new(
        Config::default(),
        Ports {
            source: Arc::new(StoreSource::new(Arc::clone(&shared))) as Arc<dyn CredentialSource>,
            opener: Arc::new(keyring) as Arc<dyn OpenSecret>,
            clock: Arc::clone(&clock),
            resolver: Arc::new(SystemResolver),
            oauth: None,
        },
    );
    let blobs: Arc<dyn BlobStore> =
        Arc::new(FileBlobs::open(&folder.path().join("blobs"), Arc::clone(&clock)).unwrap());
    let engine = Engine::new(EngineParts {
        config: EngineConfig::default(),
        store: shared,
        blobs,
        connect,
        sandbox: None,
        clock,
        node,
    });
    store_workflow(&store, Timestamp::default()).await;
    for (name, reading) in [("10 Set nodes", false), ("10 nodes with expressions", true)] {
        let document = WorkflowDocument::parse(&ten_nodes(reading)).unwrap();
        let workflow = Arc::new(CompiledWorkflow::compile(WorkflowId::from_u128(9), 1, &document).unwrap());
        measure(name, &engine, &workflow).await;
    }
}

/// Runs are accepted for workflows that exist.
async fn store_workflow(store: &SqliteStore, at: Timestamp) {
    let id = WorkflowId::from_u128(9);
    let by = UserId::from_u128(3);
    let workflow = Workflow {
        id,
        workspace: WorkspaceId::from_u128(2),
        owner: by,
        name: "Ten".into(),
        tags: Vec::new(),
        status: WorkflowStatus::Draft,
        version: 1,
        active_version: None,
        activated_by: None,
        activated_at: None,
        created_at: at,
        updated_at: at,
        revision: 1,
    };
    let version =
        WorkflowVersion { workflow: id, version: 1, document: "{}".into(), saved_by: by, saved_at: at };
    let first = NewVersion { version, name: "Ten".into(), tags: Vec::new(), credentials: Vec::new() };
    store.create_workflow(workflow, first, Vec::new()).await.unwrap();
}

async fn measure(name: &str, engine: &Engine, workflow: &Arc<CompiledWorkflow>) {
    let count = Arc::new(AtomicU64::new(0));
    let (began, cpu) = (Instant::now(), cpu_ns());
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (engine, workflow, count) = (engine.clone(), Arc::clone(workflow), Arc::clone(&count));
            tokio::spawn(async move {
                while began.elapsed() < Duration::from_secs(3) {
                    let run = StartRun {
                        workflow: Arc::clone(&workflow),
                        workspace: WorkspaceId::from_u128(2),
                        organization: OrganizationId::from_u128(1),
                        trigger: TriggerKind::Manual,
                        entry: None,
                        input: json!({"n": 1, "body": {"id": 7}}),
                        acting_for: UserId::from_u128(3),
                        variables: Arc::default(),
                        idempotency_key: None,
                        audit: Vec::new(),
                        given: flero_engine::Given::default(),
                    };
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
