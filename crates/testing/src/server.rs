//! A whole installation on loopback.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use data_encoding::BASE64;
use flero_app::{App, Parts, marketplace::MarketplaceFolders, people::SetUp};
use flero_connect::{Connect, Ports, StoreSource, resolve::SystemResolver};
use flero_engine::{Engine, EngineConfig, EngineParts};
use flero_keyring::{InitOptions, Keyring, Options, Provider, ScopeRotation, ScopeRotationOptions};
use flero_model::{
    Clock, NodeInstanceId, OrganizationId, UserId, WorkspaceId,
    policy::{Principal, Via},
    role::{OrganizationRole, Role},
};
use flero_store::{CredentialStore as _, Store};
use flero_store_sqlite::{FileBlobs, Options as StoreOptions, SqliteStore};
use flero_vault::slot::EnvironmentKey;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot};

use crate::{client::Client, clock::StoppedClock};

/// The first owner's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// How long a token endpoint may take.
const CALL: Duration = Duration::from_secs(10);

/// See the module. It ends when it is dropped.
pub struct TestServer {
    /// The clock that everything reads.
    pub clock: Arc<StoppedClock>,
    /// The store behind it.
    pub store: Arc<SqliteStore>,
    /// The use cases.
    pub app: App,
    /// The engine.
    pub engine: Engine,
    /// The keys.
    pub keyring: Keyring,
    /// The first owner's client, with a key of all scopes.
    pub owner: Client,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The first owner.
    pub user: UserId,
    folder: Arc<TempDir>,
    next: AtomicU64,
    _end: oneshot::Sender<()>,
}

impl TestServer {
    /// Starts a server; loopback is open to workflows.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn start() -> Self {
        Self::begin(true, CALL, None).await
    }

    /// The same on a disk that is full when the database has so many pages of 4 KiB.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn start_with_room(pages: u32) -> Self {
        Self::begin(true, CALL, Some(pages)).await
    }

    /// The same with another patience for token endpoints.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn start_with_patience(call: Duration) -> Self {
        Self::begin(true, call, None).await
    }

    /// Starts a server that nobody owns yet: its client has no key, its workspace and person are nobody's.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn start_empty() -> Self {
        Self::begin(false, CALL, None).await
    }

    /// A further process of the same installation: it shares the database, the keys and the clock with this one, and
    /// nothing else. A test ends it by ending the runtime that it was started in, as `kill -9` would.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn beside(&self) -> Client {
        let running = self.foundation().serve(2, CALL).await;
        let client = self.owner.at(running.base.trim_start_matches("http://"));
        // It serves until its runtime ends.
        std::mem::forget(running.end);
        client
    }

    /// The engine of a process that starts after this one has died: it knows what is stored, and nothing else.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn restarted(&self) -> Engine {
        self.foundation().serve(2, CALL).await.engine
    }

    /// What this process stands on.
    fn foundation(&self) -> Foundation {
        Foundation {
            folder: Arc::clone(&self.folder),
            clock: Arc::clone(&self.clock),
            store: Arc::clone(&self.store),
            keyring: self.keyring.clone(),
        }
    }

    async fn begin(has_owner: bool, call: Duration, max_pages: Option<u32>) -> Self {
        let foundation = Foundation::lay(max_pages).await;
        let Running { app, engine, base, end } = foundation.serve(1, call).await;
        let (key, workspace, user) = if has_owner {
            let owner = app.set_up(ada()).await.unwrap();
            (Some(owner.api_key.expose().clone()), owner.workspace, owner.user)
        } else {
            (None, WorkspaceId::from_u128(0), UserId::from_u128(0))
        };
        let Foundation { folder, clock, store, keyring } = foundation;
        Self {
            clock,
            store,
            app,
            engine,
            keyring,
            owner: Client::new(base, key),
            workspace,
            user,
            folder,
            next: AtomicU64::new(100),
            _end: end,
        }
    }

    /// The owner of another organization, who is no member here: for objects that are foreign to everybody else.
    #[must_use]
    pub fn stranger(&self) -> Principal {
        let number = u128::from(self.next.fetch_add(1, Ordering::SeqCst));
        Principal {
            user: UserId::new(self.clock.now(), number),
            organization: OrganizationId::new(self.clock.now(), number),
            organization_role: OrganizationRole::Owner,
            workspace: WorkspaceId::new(self.clock.now(), number),
            role: Role::Owner,
            via: Via::Local,
        }
    }

    /// Opens the vault again after a test sealed it.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn unseal(&self) {
        self.keyring.unseal(providers()).await.unwrap();
    }

    /// Exchanges the key of a credential's scope, as another process of the installation does it: this one still
    /// has the former key in memory.
    ///
    /// # Panics
    /// When that fails.
    pub async fn exchange_scope_key(&self, credential: &str) {
        let node = NodeInstanceId::new(self.clock.now(), 2);
        let (store, clock, options) = (self.store.clone(), self.clock.clone(), Options::default());
        let other = Keyring::unlock(store, clock, node, providers(), options).await.unwrap();
        let scope = self.store.get_credential(credential.parse().unwrap()).await.unwrap().key_scope();
        other.begin_scope_rotation(&scope, vec![]).await.unwrap();
        let options = ScopeRotationOptions::default();
        let state = other.advance_scope_rotation(&scope, options, vec![], &|_, _| {}).await.unwrap();
        assert!(!matches!(state, ScopeRotation::WaitingForNodes { .. }), "{state:?}");
    }

    /// Where it listens: `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        self.owner.address()
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// What the processes of one installation share.
struct Foundation {
    folder: Arc<TempDir>,
    clock: Arc<StoppedClock>,
    store: Arc<SqliteStore>,
    keyring: Keyring,
}

/// One process of it.
struct Running {
    app: App,
    engine: Engine,
    base: String,
    /// It ends when this is dropped.
    end: oneshot::Sender<()>,
}

impl Foundation {
    async fn lay(max_pages: Option<u32>) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let clock = Arc::new(StoppedClock::new());
        let database = StoreOptions { max_pages, ..StoreOptions::new(folder.path().join("flero.db")) };
        let store = Arc::new(SqliteStore::open_with(&database).unwrap());
        let node = NodeInstanceId::new(clock.now(), 1);
        let init = InitOptions { providers: providers(), options: Options::default() };
        let keyring = Keyring::init(store.clone(), clock.clone(), node, init).await.unwrap();
        Self { folder, clock, store, keyring }
    }

    /// Starts a process with this number.
    async fn serve(&self, number: u128, call: Duration) -> Running {
        let Self { folder, clock, store, keyring } = self;
        // Short enough that a test of a failing provider takes no seconds.
        let timing = flero_connect::oauth::Timing {
            call,
            pauses: [Duration::from_millis(20), Duration::from_millis(60)],
            poll: Duration::from_millis(20),
            wait: Duration::from_secs(60),
            ..flero_connect::oauth::Timing::default()
        };
        let port: Arc<dyn Store> = store.clone();
        let source = Arc::new(StoreSource::new(port.clone()));
        let ports = Ports {
            source: source.clone(),
            opener: Arc::new(keyring.clone()),
            clock: clock.clone(),
            resolver: Arc::new(SystemResolver),
            oauth: Some(flero_connect::oauth::OauthPorts {
                store: port.clone(),
                keyring: keyring.clone(),
                timing,
            }),
        };
        let config =
            flero_connect::Config { allow: "127.0.0.1".parse().unwrap(), ..flero_connect::Config::default() };
        let connect = Connect::new(config, ports);
        let blobs = FileBlobs::open(&folder.path().join("blobs"), clock.clone()).unwrap();
        let engine = Engine::new(EngineParts {
            config: EngineConfig::default(),
            store: port.clone(),
            blobs: Arc::new(blobs),
            connect: connect.clone(),
            sandbox: None,
            clock: clock.clone(),
            node: NodeInstanceId::new(clock.now(), number),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = App::new(Parts {
            store: port,
            clock: clock.clone(),
            keyring: keyring.clone(),
            connect,
            source,
            engine: engine.clone(),
            public_url: base.clone(),
            registries: Arc::new(flero_registry::Tuf::default()),
            marketplace: marketplace(folder.path()),
        });
        let (end, ended) = oneshot::channel::<()>();
        let router = flero_api::router(app.clone());
        tokio::spawn(flero_api::serve(listener, router, flero_api::Limits::default(), async move {
            // Dropping the sender ends the server as well.
            let _ = ended.await;
        }));
        Running { app, engine, base, end }
    }
}

fn ada() -> SetUp {
    SetUp {
        email: "ada@example.com".into(),
        name: "Ada".into(),
        workspace: "Analytical".into(),
        password: PASSWORD.into(),
    }
}

fn providers() -> Vec<Provider> {
    let key = EnvironmentKey::from_value(&BASE64.encode(&[7; 32]).into()).unwrap();
    vec![Arc::new(key)]
}

/// Where a server under test keeps what it saw of registries, and may read some.
fn marketplace(folder: &Path) -> MarketplaceFolders {
    MarketplaceFolders { memory: folder.join("marketplace"), registries: Some(folder.join("registries")) }
}
