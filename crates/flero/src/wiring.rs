//! How the parts are put together.

pub(crate) mod clock;
pub(crate) mod data_dir;
pub(crate) mod keys;
mod server;

use std::{path::PathBuf, sync::Arc};

use flero_keyring::{InitOptions, Keyring, Options, SharedKeyStore};
use flero_model::{
    Clock, NodeInstanceId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
};
use flero_store::{KeyStore as _, PeopleStore as _, Store};
use flero_store_sqlite::{FileBlobs, SqliteStore};

use crate::{config::Config, exit::Failure};

use clock::SystemClock;
pub(crate) use server::Parts;

/// An opened database and what belongs to it. No key is opened yet.
pub(crate) struct Installation {
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) blobs: Arc<FileBlobs>,
    pub(crate) node: NodeInstanceId,
}

impl Installation {
    /// Opens the database, making the data folder and an empty one where there is none.
    pub(crate) fn open(config: Config) -> Result<Self, Failure> {
        data_dir::prepare(&config.data_dir)?;
        if let Some(folder) = config.database.parent() {
            data_dir::prepare(folder)?;
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = SqliteStore::open(&config.database).map_err(|error| database(&config, &error))?;
        let blobs = FileBlobs::open(&config.data_dir.join("blobs"), clock.clone())
            .map_err(|error| database(&config, &error))?;
        let random = flero_vault::random_u128().map_err(keys::refused)?;
        let node = NodeInstanceId::new(clock.now(), random);
        Ok(Self { config, clock, store: Arc::new(store), blobs: Arc::new(blobs), node })
    }

    /// The store as the port that everything above sees.
    pub(crate) fn port(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    fn key_store(&self) -> SharedKeyStore {
        self.store.clone()
    }

    /// Whether the key ceremony was held.
    pub(crate) async fn has_keys(&self) -> Result<bool, Failure> {
        let state = self.store.vault_state().await.map_err(|error| database(&self.config, &error))?;
        Ok(state.is_some())
    }

    /// Opens the keys. Without a ceremony so far it is held with the sources that are set up, or with a new key
    /// file where there is none: only then is a key file ever made.
    pub(crate) async fn keyring(&self) -> Result<Keyring, Failure> {
        let mut providers = keys::providers(&self.config)?;
        if self.has_keys().await? {
            if providers.is_empty() {
                return Err(Failure::start(format!(
                    "there is no key: {} does not exist, and neither FLERO_KEK nor FLERO_PASSPHRASE_FD is set. The database \
                     has keys already, so no new one is made. Put the key file back, or name it with FLERO_KEY_FILE.",
                    self.config.key_file.display()
                )));
            }
            let unlocked = Keyring::unlock(
                self.key_store(),
                self.clock.clone(),
                self.node,
                providers,
                Options::default(),
            );
            return unlocked.await.map_err(keyring);
        }
        if providers.is_empty() {
            providers.push(keys::create_key_file(&self.config)?);
            tracing::info!(key_file = %self.config.key_file.display(), "made the key file of a new installation");
        }
        self.ceremony(providers).await
    }

    /// Holds the key ceremony.
    pub(crate) async fn ceremony(&self, providers: Vec<flero_keyring::Provider>) -> Result<Keyring, Failure> {
        let init = InitOptions { providers, options: Options::default() };
        Keyring::init(self.key_store(), self.clock.clone(), self.node, init).await.map_err(keyring)
    }

    /// A record of the audit trail for an act at the command line. It goes into the chain of the first workspace;
    /// before there is one, there is no chain, and nobody to tell.
    pub(crate) async fn record(
        &self,
        action: AuditAction,
        target: String,
        detail: AuditDetail,
    ) -> Result<Vec<NewAudit>, Failure> {
        let Some((workspace, actor)) = self.local_actor().await? else { return Ok(Vec::new()) };
        Ok(vec![NewAudit { workspace, at: self.clock.now(), actor, action, target, detail }])
    }

    async fn local_actor(&self) -> Result<Option<(WorkspaceId, Actor)>, Failure> {
        match self.store.first_owner().await {
            Ok(owner) => Ok(Some((owner.workspace, Actor::User { user: owner.user }))),
            Err(flero_store::Error::NotFound) => Ok(None),
            Err(error) => Err(database(&self.config, &error)),
        }
    }

    /// Every file that could hold a secret: the database with its journals, large payloads, logs.
    pub(crate) fn files_to_scan(&self) -> Vec<PathBuf> {
        let mut paths = self.store.files_to_scan();
        paths.push(self.config.data_dir.clone());
        paths.sort();
        paths.dedup();
        // The folder holds the database's files unless they were put elsewhere; nothing is read twice.
        paths.retain(|path| *path == self.config.data_dir || !path.starts_with(&self.config.data_dir));
        paths
    }
}

/// Why the database keeps the program from starting.
pub(crate) fn database(config: &Config, error: &flero_store::Error) -> Failure {
    Failure::start(format!("the database {} cannot be used: {error}.", config.database.display()))
}

/// Why the keys keep the program from starting or a ceremony from its work.
pub(crate) fn keyring(error: flero_keyring::Error) -> Failure {
    use flero_keyring::Error;
    match error {
        Error::LastSlot | Error::NoSuchSlot | Error::AlreadyInitialised => Failure::work(error.to_string()),
        Error::NodesDependOnSlot { .. } | Error::SlotsWouldBeDropped { .. } | Error::Busy => {
            Failure::work(error.to_string())
        }
        other => Failure::start(format!("the key does not open the vault: {other}.")),
    }
}
