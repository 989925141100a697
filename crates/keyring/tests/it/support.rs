//! A database of its own for each test, a clock that stands still, keys, and credentials.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use data_encoding::BASE64;
use flero_keyring::{InitOptions, Keyring, Options, Provider};
use flero_model::credential::{AuthType, Belonging, Credential, Policy, Scope};
use flero_model::secret::SecretBytes;
use flero_model::{Clock, CredentialId, NodeInstanceId, OrganizationId, Timestamp, UserId, WorkspaceId};
use flero_store::CredentialStore;
use flero_store::credentials::CredentialChange;
use flero_store_sqlite::SqliteStore;
use flero_vault::slot::EnvironmentKey;

use crate::faulty_store::FaultyStore;

pub(crate) struct StoppedClock(AtomicI64);

impl StoppedClock {
    pub(crate) fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A provider with a key of its own for each number.
pub(crate) fn provider(number: u8) -> Provider {
    Arc::new(EnvironmentKey::from_value(&BASE64.encode(&[number; 32]).into()).unwrap())
}

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: SqliteStore,
    pub(crate) faulty: Arc<FaultyStore>,
    pub(crate) clock: Arc<StoppedClock>,
    next: AtomicU64,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("flero.db")).unwrap();
        let faulty = Arc::new(FaultyStore::new(store.clone()));
        let clock = Arc::new(StoppedClock(AtomicI64::new(1_800_000_000_000)));
        Self { folder, store, faulty, clock, next: AtomicU64::new(1) }
    }

    /// A number that no other call has given.
    pub(crate) fn unique(&self) -> u128 {
        u128::from(self.next.fetch_add(1, Ordering::SeqCst))
    }

    pub(crate) fn node(&self) -> NodeInstanceId {
        NodeInstanceId::new(self.clock.now(), self.unique())
    }

    pub(crate) async fn init(&self, providers: Vec<Provider>) -> Keyring {
        self.try_init(providers).await.unwrap()
    }

    pub(crate) async fn try_init(&self, providers: Vec<Provider>) -> flero_keyring::Result<Keyring> {
        let init = InitOptions { providers, options: Options::default() };
        Keyring::init(self.faulty.clone(), self.clock.clone(), self.node(), init).await
    }

    /// A process that starts: nothing in memory, everything from the store.
    pub(crate) async fn unlock(&self, providers: Vec<Provider>) -> flero_keyring::Result<Keyring> {
        self.unlock_with(providers, Options::default()).await
    }

    pub(crate) async fn unlock_with(
        &self,
        providers: Vec<Provider>,
        options: Options,
    ) -> flero_keyring::Result<Keyring> {
        Keyring::unlock(self.faulty.clone(), self.clock.clone(), self.node(), providers, options).await
    }

    /// A credential in the world's one workspace, not stored yet.
    pub(crate) fn credential(&self, scope: Scope) -> Credential {
        let now = self.clock.now();
        let belonging = Belonging {
            organization: OrganizationId::new(Timestamp::from_millis(1), 1),
            workspace: WorkspaceId::new(Timestamp::from_millis(1), 1),
            owner: UserId::new(Timestamp::from_millis(1), 1),
        };
        let policy = Policy {
            service: "http".to_owned(),
            auth_type: AuthType::Bearer,
            allowed_hosts: vec!["api.example.com".parse().unwrap(), "example.org".parse().unwrap()],
            parameters: serde_json::Map::new(),
        };
        let id = CredentialId::new(now, self.unique());
        Credential {
            secret_fields: vec!["token".to_owned()],
            ..Credential::new(id, belonging, "Orders", scope, policy, now)
        }
    }

    /// Seals and stores a new credential.
    pub(crate) async fn create(&self, keyring: &Keyring, scope: Scope, document: &str) -> Credential {
        let credential = self.credential(scope);
        let secret = keyring.seal_credential(&credential, "data", &bytes(document)).await.unwrap();
        let change = CredentialChange {
            credential: credential.clone(),
            secrets: vec![secret],
            destroy: vec![],
            audit: vec![],
        };
        self.store.create_credential(change).await.unwrap();
        self.store.get_credential(credential.id).await.unwrap()
    }

    /// Replaces the secret of a stored credential, as a user's save does.
    pub(crate) async fn write(
        &self,
        keyring: &Keyring,
        id: CredentialId,
        document: &str,
    ) -> Result<(), String> {
        let mut credential = self.store.get_credential(id).await.map_err(|error| error.to_string())?;
        credential.secret_revision += 1;
        let secret = keyring
            .seal_credential(&credential, "data", &bytes(document))
            .await
            .map_err(|error| error.to_string())?;
        let change = CredentialChange { credential, secrets: vec![secret], destroy: vec![], audit: vec![] };
        self.store.update_credential(change).await.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Opens a stored credential's secret as a use does.
    pub(crate) async fn open(&self, keyring: &Keyring, id: CredentialId) -> flero_keyring::Result<String> {
        let stored = self.store.get_credential_with_secret(id).await.unwrap();
        let blob = stored.secret.unwrap().blob;
        let opened = keyring.open_for_connect(&stored.credential, "data", &blob).await?;
        Ok(String::from_utf8(opened.expose().clone()).unwrap())
    }
}

pub(crate) fn bytes(text: &str) -> SecretBytes {
    SecretBytes::new(text.as_bytes().to_vec())
}
