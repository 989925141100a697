//! What both measurements stand on: an engine over SQLite in a folder, one workflow's row, and the processor's time.

use std::{path::Path, sync::Arc, time::Instant};

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
    workflows::{NewVersion, Workflow, WorkflowVersion},
};
use flero_store_sqlite::{FileBlobs, SqliteStore};
use serde_json::Value;

/// Who everything belongs to.
pub(crate) const WORKSPACE: WorkspaceId = WorkspaceId::from_u128(2);
const USER: UserId = UserId::from_u128(3);
const WORKFLOW: WorkflowId = WorkflowId::from_u128(9);

/// A clock that begins at a fixed time.
struct Steady(Instant);

impl Clock for Steady {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.0.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(1_800_000_000_000 + passed)
    }
}

/// An engine that may call loopback, and its store with the row of [`workflow`].
pub(crate) async fn engine(folder: &Path, config: EngineConfig) -> (Engine, SqliteStore) {
    let store = SqliteStore::open(&folder.join("flero.db")).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(Steady(Instant::now()));
    let node = NodeInstanceId::from_u128(1);
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let keyring = Keyring::sealed(Arc::new(store.clone()), Arc::clone(&clock), node, Options::default());
    let connect = Connect::new(
        Config { allow: "127.0.0.0/8".parse().unwrap(), ..Config::default() },
        Ports {
            source: Arc::new(StoreSource::new(Arc::clone(&shared))) as Arc<dyn CredentialSource>,
            opener: Arc::new(keyring) as Arc<dyn OpenSecret>,
            clock: Arc::clone(&clock),
            resolver: Arc::new(SystemResolver),
            oauth: None,
        },
    );
    let blobs: Arc<dyn BlobStore> =
        Arc::new(FileBlobs::open(&folder.join("blobs"), Arc::clone(&clock)).unwrap());
    let engine =
        Engine::new(EngineParts { config, store: shared, blobs, connect, sandbox: None, clock, node });
    let version = WorkflowVersion {
        workflow: WORKFLOW,
        version: 1,
        document: "{}".into(),
        saved_by: USER,
        saved_at: Timestamp::default(),
    };
    let first = NewVersion { version, name: "Measured".into(), tags: Vec::new(), credentials: Vec::new() };
    // Runs are accepted for workflows that exist.
    store.create_workflow(Workflow::draft(WORKSPACE, &first), first, Vec::new()).await.unwrap();
    (engine, store)
}

/// A compiled document, as the workflow that has a row.
pub(crate) fn workflow(document: &Value) -> Arc<CompiledWorkflow> {
    let document = WorkflowDocument::parse(document).unwrap();
    Arc::new(CompiledWorkflow::compile(WORKFLOW, 1, &document).unwrap())
}

/// A run of it by hand.
pub(crate) fn start(workflow: &Arc<CompiledWorkflow>, input: Value) -> StartRun {
    StartRun {
        workflow: Arc::clone(workflow),
        workspace: WORKSPACE,
        organization: OrganizationId::from_u128(1),
        trigger: TriggerKind::Manual,
        entry: None,
        input,
        acting_for: USER,
        variables: Arc::default(),
        idempotency_key: None,
        audit: Vec::new(),
        given: flero_engine::Given::default(),
    }
}

/// CPU time of this process in nanoseconds, over all its threads.
pub(crate) fn cpu_ns() -> u64 {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        sum += text.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
    }
    sum
}
