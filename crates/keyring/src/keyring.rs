//! The keyring itself: which keys are loaded, and whether it is sealed.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use flero_model::credential::KeyScopeRef;
use flero_model::{Clock, InstanceId, NodeInstanceId, SlotId};
use flero_store::KeyStore;
use flero_vault::slot::SlotProvider;
use flero_vault::{AuditKey, RootKey, ScopeKeyset};

use crate::{Error, Result};

/// The store as the keyring uses it. An `Arc<dyn flero_store::Store>` coerces to it.
pub type SharedKeyStore = Arc<dyn KeyStore + Send + Sync>;

/// A source of key-encryption keys that the operator configured.
pub type Provider = Arc<dyn SlotProvider>;

/// Settings of a keyring.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long one call of a slot provider may take. There is no second attempt.
    pub provider_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { provider_timeout: Duration::from_secs(10) }
    }
}

/// Whether the keyring can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Keys are loaded.
    Open,
    /// No key can be used; the reason is for the operator.
    Sealed {
        /// Why.
        reason: String,
    },
}

/// What is loaded once a slot has opened and all slots have been verified.
pub(crate) struct Tree {
    pub(crate) instance: InstanceId,
    /// The id as text, as it is bound into everything.
    pub(crate) instance_text: String,
    pub(crate) generation: u64,
    pub(crate) root: Arc<RootKey>,
    pub(crate) audit: AuditKey,
    /// Every slot of this generation.
    pub(crate) known_slots: Vec<SlotId>,
    /// The slots that the providers of this process open.
    pub(crate) opens: Vec<SlotId>,
    /// Keysets that have been used in this generation.
    pub(crate) keysets: RwLock<HashMap<KeyScopeRef, Arc<ScopeKeyset>>>,
}

enum State {
    /// With `by_failure`, the next heartbeat tries the providers again.
    Sealed {
        reason: String,
        by_failure: bool,
    },
    Open(Arc<Tree>),
}

pub(crate) struct Inner {
    pub(crate) store: SharedKeyStore,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) node: NodeInstanceId,
    pub(crate) options: Options,
    pub(crate) providers: RwLock<Vec<Provider>>,
    state: RwLock<State>,
    /// One reload at a time; the others wait for its result.
    pub(crate) reloading: tokio::sync::Mutex<()>,
}

/// The keys of one installation, in this process. Cloning shares them.
#[derive(Clone)]
pub struct Keyring(pub(crate) Arc<Inner>);

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Keyring({:?})", self.health())
    }
}

impl Keyring {
    /// A keyring that is sealed until [`Keyring::unseal`] succeeds.
    pub fn sealed(
        store: SharedKeyStore,
        clock: Arc<dyn Clock>,
        node: NodeInstanceId,
        options: Options,
    ) -> Self {
        let state = State::Sealed { reason: "no key slot has been opened yet".to_owned(), by_failure: false };
        Self(Arc::new(Inner {
            store,
            clock,
            node,
            options,
            providers: RwLock::new(Vec::new()),
            state: RwLock::new(state),
            reloading: tokio::sync::Mutex::new(()),
        }))
    }

    /// Opens the keyring of an existing installation: unwraps the root key with a provider and verifies the
    /// set of slots. Scope keys are opened when they are first needed.
    ///
    /// # Errors
    /// [`Error::NotInitialised`]; [`Error::NoSlotOpened`] with a reason for each slot;
    /// [`flero_vault::Error::SlotSetChanged`] when a slot was added, changed or removed in the database.
    pub async fn unlock(
        store: SharedKeyStore,
        clock: Arc<dyn Clock>,
        node: NodeInstanceId,
        providers: Vec<Provider>,
        options: Options,
    ) -> Result<Self> {
        let keyring = Self::sealed(store, clock, node, options);
        keyring.unseal(providers).await?;
        Ok(keyring)
    }

    /// Tries to open a sealed keyring with these providers, which replace the ones given before. They are kept,
    /// because the root key must be unwrapped again when another process rotates it.
    ///
    /// # Errors
    /// As [`Keyring::unlock`]; the keyring then stays sealed, with the reason in [`Keyring::health`].
    pub async fn unseal(&self, providers: Vec<Provider>) -> Result<()> {
        *write(&self.0.providers) = providers;
        self.reload(None).await.map(|_| ())
    }

    /// Forgets every key, until [`Keyring::unseal`]. Uses that hold a key already finish; no other begins.
    pub fn seal_vault(&self, reason: impl Into<String>) {
        *write(&self.0.state) = State::Sealed { reason: reason.into(), by_failure: false };
    }

    /// Forgets every key because what is stored could not be opened.
    pub(crate) fn seal_for_failure(&self, reason: String) {
        *write(&self.0.state) = State::Sealed { reason, by_failure: true };
    }

    /// Whether a failure sealed it, so that it may be tried again without a person.
    pub(crate) fn is_sealed_by_failure(&self) -> bool {
        matches!(&*read(&self.0.state), State::Sealed { by_failure: true, .. })
    }

    /// Whether the keyring can be used.
    pub fn health(&self) -> Health {
        match &*read(&self.0.state) {
            State::Sealed { reason, .. } => Health::Sealed { reason: reason.clone() },
            State::Open(_) => Health::Open,
        }
    }

    /// The installation's id.
    ///
    /// # Errors
    /// [`Error::Sealed`].
    pub fn instance(&self) -> Result<InstanceId> {
        Ok(self.tree()?.instance)
    }

    /// The MAC of an audit checkpoint, under the audit key.
    ///
    /// # Errors
    /// [`Error::Sealed`].
    pub fn audit_mac(&self, checkpoint: &[u8]) -> Result<[u8; 32]> {
        Ok(self.tree()?.audit.mac(checkpoint))
    }

    /// Verifies the MAC of an audit checkpoint.
    ///
    /// # Errors
    /// [`Error::Sealed`], or [`flero_vault::Error::Refused`] when it does not match.
    pub fn verify_audit_mac(&self, checkpoint: &[u8], mac: &[u8]) -> Result<()> {
        Ok(self.tree()?.audit.verify(checkpoint, mac)?)
    }

    pub(crate) fn tree(&self) -> Result<Arc<Tree>> {
        match &*read(&self.0.state) {
            State::Sealed { reason, .. } => Err(Error::Sealed { reason: reason.clone() }),
            State::Open(tree) => Ok(Arc::clone(tree)),
        }
    }

    pub(crate) fn install(&self, tree: Tree) -> Arc<Tree> {
        let tree = Arc::new(tree);
        *write(&self.0.state) = State::Open(Arc::clone(&tree));
        tree
    }

    pub(crate) fn providers(&self) -> Vec<Provider> {
        read(&self.0.providers).clone()
    }
}

/// The values behind these locks are replaced whole, so a panic elsewhere leaves no half of one behind.
pub(crate) fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// See [`read`].
pub(crate) fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
