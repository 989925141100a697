//! An installation in a temporary folder, with an engine that can die and be replaced.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use data_encoding::BASE64;
use flero_connect::{
    Config, Connect, CredentialSource, OpenSecret, Ports, StoreSource, resolve::SystemResolver,
    source::CREDENTIAL_FIELD,
};
use flero_engine::{
    CompiledWorkflow, Engine, EngineConfig, EngineParts, Finished, Outcome, StartRun, arming,
};
use flero_keyring::{InitOptions, Keyring, Options};
use flero_model::{
    Clock, CredentialId, ExecutionId, NodeInstanceId, OrganizationId, Timestamp, UserId, WorkflowId,
    WorkspaceId,
    audit::NewAudit,
    credential::{AuthType, Belonging, Credential, Policy, Scope},
    execution::{ExecutionReport, TriggerKind},
    secret::SecretBytes,
    workflow::WorkflowDocument,
};
use flero_store::{
    AuditStore, BlobStore, CredentialStore, ExecutionStore, PageRequest, PeopleStore, Store, WorkflowStore,
    audit::AuditFilter,
    credentials::CredentialChange,
    executions::{Execution, ExecutionFilter},
    people::FirstOwner,
    workflows::{NewVersion, Workflow, WorkflowVersion},
};
use flero_store_sqlite::{FileBlobs, SqliteStore};
use flero_vault::slot::EnvironmentKey;
use serde_json::{Value, json};

/// A clock that moves with the machine's and can be set.
#[derive(Debug)]
pub(crate) struct TestClock {
    started: std::time::Instant,
    offset: AtomicI64,
}

impl TestClock {
    fn new() -> Self {
        Self { started: std::time::Instant::now(), offset: AtomicI64::new(1_800_000_000_000) }
    }

    /// Moves the clock by milliseconds.
    pub(crate) fn jump(&self, millis: i64) {
        self.offset.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.started.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(self.offset.load(Ordering::SeqCst) + passed)
    }
}

/// The installation.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: SqliteStore,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) engine: Engine,
    pub(crate) config: EngineConfig,
    connect: Connect,
    keyring: Keyring,
    sandbox: Option<flero_sandbox::Sandbox>,
    next: AtomicU64,
}

pub(crate) fn workspace() -> WorkspaceId {
    WorkspaceId::from_u128(2)
}

pub(crate) fn organization() -> OrganizationId {
    OrganizationId::from_u128(1)
}

pub(crate) fn ada() -> UserId {
    UserId::from_u128(3)
}

impl World {
    pub(crate) async fn new() -> Self {
        let config = EngineConfig {
            sweep_every: Duration::from_millis(20),
            park_after: Duration::from_millis(300),
            dead_after: Duration::from_secs(0),
            ..EngineConfig::default()
        };
        Self::with(config).await
    }

    pub(crate) async fn with(config: EngineConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("flero.db")).unwrap();
        let clock = Arc::new(TestClock::new());
        let provider = Arc::new(EnvironmentKey::from_value(&BASE64.encode(&[7; 32]).into()).unwrap());
        let init = InitOptions { providers: vec![provider], options: Options::default() };
        let node = NodeInstanceId::new(clock.now(), 1);
        let keyring =
            Keyring::init(Arc::new(store.clone()), Arc::clone(&clock) as Arc<dyn Clock>, node, init)
                .await
                .unwrap();
        let shared: Arc<dyn Store> = Arc::new(store.clone());
        let connect = Connect::new(
            Config { allow: "127.0.0.0/8".parse().unwrap(), ..Config::default() },
            Ports {
                source: Arc::new(StoreSource::new(Arc::clone(&shared))) as Arc<dyn CredentialSource>,
                opener: Arc::new(keyring.clone()) as Arc<dyn OpenSecret>,
                clock: Arc::clone(&clock) as Arc<dyn Clock>,
                resolver: Arc::new(SystemResolver),
                oauth: None,
            },
        );
        store.create_first_owner(owner(clock.now()), Vec::new()).await.unwrap();
        let sandbox = sandbox();
        let engine = engine(&config, folder.path(), &shared, &connect, sandbox.clone(), &clock, node);
        Self { folder, store, clock, engine, config, connect, keyring, sandbox, next: AtomicU64::new(100) }
    }

    /// The engine as another process would have it: the old one is forgotten without being told.
    pub(crate) fn another_engine(&self) -> Engine {
        let node = NodeInstanceId::from_u128(u128::from(self.next.fetch_add(1, Ordering::Relaxed)));
        let shared: Arc<dyn Store> = Arc::new(self.store.clone());
        engine(
            &self.config,
            self.folder.path(),
            &shared,
            &self.connect,
            self.sandbox.clone(),
            &self.clock,
            node,
        )
    }

    /// Stores a workflow and gives its compiled version.
    pub(crate) async fn workflow(&self, document: Value) -> Arc<CompiledWorkflow> {
        let id = WorkflowId::from_u128(u128::from(self.next.fetch_add(1, Ordering::Relaxed)));
        self.workflow_as(id, document).await
    }

    pub(crate) async fn workflow_as(&self, id: WorkflowId, mut document: Value) -> Arc<CompiledWorkflow> {
        document["name"] = json!(format!("Workflow {id}"));
        let parsed = WorkflowDocument::parse(&document).unwrap();
        let compiled =
            CompiledWorkflow::compile(id, 1, &parsed).unwrap_or_else(|problems| panic!("{problems:?}"));
        let now = self.clock.now();
        let version = WorkflowVersion {
            workflow: id,
            version: 1,
            document: document.to_string(),
            saved_by: ada(),
            saved_at: now,
        };
        let first =
            NewVersion { version, name: parsed.name, tags: Vec::new(), credentials: compiled.credentials() };
        self.store.create_workflow(Workflow::draft(workspace(), &first), first, Vec::new()).await.unwrap();
        self.engine.workflow(id, 1).await.unwrap()
    }

    /// The same workflow in workspace 77.
    pub(crate) async fn copy_elsewhere(&self, workflow: &CompiledWorkflow) -> Arc<CompiledWorkflow> {
        let id = WorkflowId::from_u128(u128::from(self.next.fetch_add(1, Ordering::Relaxed)));
        let row = self.store.get_workflow_anywhere(workflow.id).await.unwrap();
        let version = self.store.get_version(workflow.id, 1).await.unwrap();
        let (name, tags) = (row.name.clone(), row.tags.clone());
        let copy = Workflow { id, workspace: WorkspaceId::from_u128(77), ..row };
        let version = WorkflowVersion { workflow: id, ..version };
        let first = NewVersion { version, name, tags, credentials: Vec::new() };
        self.store.create_workflow(copy, first, Vec::new()).await.unwrap();
        self.engine.workflow(id, 1).await.unwrap()
    }

    pub(crate) async fn activate(&self, workflow: &CompiledWorkflow) {
        let now = self.clock.now();
        let row = self.store.get_workflow_anywhere(workflow.id).await.unwrap();
        self.store
            .activate_workflow(workflow.id, row.revision, ada(), now, arming(workflow, now), Vec::new())
            .await
            .unwrap();
        self.engine.wake_scheduler();
    }

    pub(crate) fn start(&self, workflow: &Arc<CompiledWorkflow>, input: Value) -> StartRun {
        StartRun {
            workflow: Arc::clone(workflow),
            workspace: workspace(),
            organization: organization(),
            trigger: TriggerKind::Manual,
            entry: None,
            input,
            acting_for: ada(),
            variables: Arc::default(),
            idempotency_key: None,
            audit: Vec::new(),
            given: flero_engine::Given::default(),
        }
    }

    pub(crate) async fn run(&self, workflow: &Arc<CompiledWorkflow>, input: Value) -> Finished {
        finished(
            self.engine.start_and_wait(self.start(workflow, input), Duration::from_secs(20)).await.unwrap(),
        )
    }

    pub(crate) async fn row(&self, id: ExecutionId) -> Execution {
        self.store.get_execution(workspace(), id).await.unwrap()
    }

    pub(crate) async fn report(&self, id: ExecutionId) -> ExecutionReport {
        self.engine.report(&self.row(id).await).await.unwrap()
    }

    pub(crate) async fn executions(&self) -> Vec<Execution> {
        let page = PageRequest { limit: 200, cursor: None };
        self.store.list_executions(workspace(), ExecutionFilter::default(), page).await.unwrap().items
    }

    /// Waits until a condition holds for the stored runs.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&[Execution]) -> bool) -> Vec<Execution> {
        for _ in 0..1_000 {
            let all = self.executions().await;
            if holds(&all) {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("in ten seconds it did not come to this: {what}; {:?}", self.executions().await);
    }

    pub(crate) async fn audit(&self) -> Vec<NewAudit> {
        let page = PageRequest { limit: 200, cursor: None };
        let page = self.store.list_audit(workspace(), AuditFilter::default(), page).await.unwrap();
        page.items.into_iter().rev().map(|record| record.event).collect()
    }

    /// A bearer credential for a host.
    pub(crate) async fn bearer(&self, host: &str, token: &str) -> CredentialId {
        self.credential(AuthType::Bearer, json!({}), host, json!({"token": token})).await
    }

    /// A stored credential for a host.
    pub(crate) async fn credential(
        &self,
        auth_type: AuthType,
        parameters: Value,
        host: &str,
        secret: Value,
    ) -> CredentialId {
        self.credential_of("http", auth_type, parameters, host, secret).await
    }

    /// A stored credential of a service, for a host.
    pub(crate) async fn credential_of(
        &self,
        service: &str,
        auth_type: AuthType,
        parameters: Value,
        host: &str,
        secret: Value,
    ) -> CredentialId {
        let now = self.clock.now();
        let id = CredentialId::from_u128(u128::from(self.next.fetch_add(1, Ordering::Relaxed)));
        let belonging = Belonging { organization: organization(), workspace: workspace(), owner: ada() };
        let policy = Policy {
            service: service.into(),
            auth_type,
            parameters: parameters.as_object().cloned().unwrap(),
            allowed_hosts: vec![host.parse().unwrap()],
        };
        let credential = Credential {
            secret_fields: secret.as_object().unwrap().keys().cloned().collect(),
            ..Credential::new(id, belonging, "Key", Scope::Workspace, policy, now)
        };
        let document = SecretBytes::new(secret.to_string().into_bytes());
        let sealed = self.keyring.seal_credential(&credential, CREDENTIAL_FIELD, &document).await.unwrap();
        let change =
            CredentialChange { credential, secrets: vec![sealed], destroy: Vec::new(), audit: Vec::new() };
        self.store.create_credential(change).await.unwrap();
        id
    }
}

fn engine(
    config: &EngineConfig,
    folder: &std::path::Path,
    store: &Arc<dyn Store>,
    connect: &Connect,
    sandbox: Option<flero_sandbox::Sandbox>,
    clock: &Arc<TestClock>,
    node: NodeInstanceId,
) -> Engine {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    let blobs: Arc<dyn BlobStore> =
        Arc::new(FileBlobs::open(&folder.join("blobs"), Arc::clone(&clock)).unwrap());
    Engine::new(EngineParts {
        config: config.clone(),
        store: Arc::clone(store),
        blobs,
        connect: connect.clone(),
        sandbox,
        clock,
        node,
    })
}

/// The sandbox, where its child program was built beside the tests.
fn sandbox() -> Option<flero_sandbox::Sandbox> {
    let mut folder = std::env::current_exe().ok()?;
    folder.pop();
    folder.pop();
    let program = folder.join("flero-sandbox-child");
    program
        .exists()
        .then(|| flero_sandbox::Sandbox::new(flero_sandbox::SandboxConfig::new(program, Vec::new())).unwrap())
}

fn owner(at: Timestamp) -> FirstOwner {
    FirstOwner {
        organization: organization(),
        organization_name: "Acme".into(),
        workspace: workspace(),
        workspace_name: "Main".into(),
        user: ada(),
        email: "ada@example.com".into(),
        name: "Ada".into(),
        password_hash: "x".into(),
        api_key: None,
        session: None,
        at,
    }
}

pub(crate) fn finished(outcome: Outcome) -> Finished {
    match outcome {
        Outcome::Finished(finished) => finished,
        Outcome::StillRunning(id) => panic!("{id} still runs"),
    }
}

pub(crate) fn node(id: &str, kind: &str, parameters: Value) -> Value {
    json!({"id": id, "name": id.to_uppercase(), "type": kind, "parameters": parameters})
}

/// Edges as `"a>b"`, `"a.port>b"`.
pub(crate) fn edges(list: &[&str]) -> Value {
    list.iter()
        .map(|edge| {
            let (from, to) = edge.split_once('>').unwrap();
            let (from, port) = from.split_once('.').unwrap_or((from, "output"));
            json!({"from": from, "fromPort": port, "to": to})
        })
        .collect()
}
