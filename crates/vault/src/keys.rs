//! The root key and the scope keys: what they wrap, and what their state allows.

use std::collections::BTreeMap;
use std::fmt;

use crate::context::ScopeRef;
use crate::envelope::{self, SCOPE_KEY};
use crate::locked::LockedKey;
use crate::{Error, Result, random};

mod state;

pub use state::KeyState;

/// The root key (RK): wraps scope keys and the audit key, and signs the set of slots.
pub struct RootKey(LockedKey);

impl RootKey {
    /// Makes a new root key.
    ///
    /// # Errors
    /// [`Error::Random`] or [`Error::Memory`].
    pub fn generate() -> Result<Self> {
        LockedKey::fill_with(random::fill).map(Self)
    }

    /// Takes a root key from bytes that a slot provider unwrapped, and wipes them.
    ///
    /// # Errors
    /// [`Error::Refused`] when there are not exactly 32 bytes; [`Error::Memory`].
    pub fn take(bytes: &mut [u8]) -> Result<Self> {
        LockedKey::take(bytes).map(Self)
    }

    /// The key itself, for a slot provider to wrap.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// Whether two root keys are equal, in constant time: the check of a slot that was just written.
    pub fn is_same(&self, other: &Self) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.expose(), other.expose()).is_ok()
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RootKey(..)")
    }
}

/// One version of a scope's key (SK).
pub struct ScopeKey {
    version: u32,
    key: LockedKey,
}

/// A scope key as it is stored: wrapped with the root key, bound to its scope and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedScopeKey {
    /// Counts from 1 within the scope.
    pub version: u32,
    /// What the key may be used for.
    pub state: KeyState,
    /// The wrapped key; empty once destroyed.
    pub wrapped: Vec<u8>,
}

impl ScopeKey {
    /// Makes a new key with the given version.
    ///
    /// # Errors
    /// [`Error::Random`] or [`Error::Memory`].
    pub fn generate(version: u32) -> Result<Self> {
        Ok(Self { version, key: LockedKey::fill_with(random::fill)? })
    }

    /// Takes a key from bytes and wipes them. For tests of the format with known keys.
    ///
    /// # Errors
    /// [`Error::Refused`] when there are not exactly 32 bytes; [`Error::Memory`].
    pub fn take(version: u32, bytes: &mut [u8]) -> Result<Self> {
        Ok(Self { version, key: LockedKey::take(bytes)? })
    }

    /// The version, counted from 1 within the scope.
    pub fn version(&self) -> u32 {
        self.version
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.key.expose()
    }

    /// Wraps this key with the root key, bound to its scope and version.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn wrap(&self, root: &RootKey, scope: &ScopeRef<'_>) -> Result<Vec<u8>> {
        let items = scope_items(scope);
        envelope::seal(&SCOPE_KEY, root.expose(), self.version, &items, self.expose(), random::fill)
    }

    /// Unwraps a scope key.
    ///
    /// # Errors
    /// [`Error::Refused`] for another root key, another scope, another version or changed bytes.
    pub fn unwrap(root: &RootKey, scope: &ScopeRef<'_>, version: u32, wrapped: &[u8]) -> Result<Self> {
        // The version is in the authenticated header; the row's number must agree with it.
        if envelope::version(&SCOPE_KEY, wrapped)? != version {
            return Err(Error::Refused);
        }
        let mut bytes = envelope::open(&SCOPE_KEY, root.expose(), &scope_items(scope), wrapped)?;
        Self::take(version, &mut bytes)
    }
}

fn scope_items<'a>(scope: &ScopeRef<'a>) -> [&'a [u8]; 3] {
    [scope.instance.as_bytes(), scope.kind.as_str().as_bytes(), scope.id.as_bytes()]
}

impl fmt::Debug for ScopeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ScopeKey(version {}, ..)", self.version)
    }
}

/// All usable versions of one scope's key.
#[derive(Debug, Default)]
pub struct ScopeKeyset {
    keys: BTreeMap<u32, (KeyState, Option<ScopeKey>)>,
}

impl ScopeKeyset {
    /// Unwraps the keys of one scope. Keys that may not be used any more are remembered by state, but not
    /// loaded.
    ///
    /// # Errors
    /// [`Error::Refused`] when one does not unwrap: the whole scope then fails closed.
    pub fn unwrap(root: &RootKey, scope: &ScopeRef<'_>, stored: &[WrappedScopeKey]) -> Result<Self> {
        let mut keyset = Self::default();
        for row in stored {
            let key = match row.state.may_open() {
                true => Some(ScopeKey::unwrap(root, scope, row.version, &row.wrapped)?),
                false => None,
            };
            keyset.keys.insert(row.version, (row.state, key));
        }
        Ok(keyset)
    }

    /// Adds a key that is in memory already. A key in a state that may not open is dropped (and wiped).
    pub fn insert(&mut self, state: KeyState, key: ScopeKey) {
        let version = key.version();
        self.keys.insert(version, (state, state.may_open().then_some(key)));
    }

    /// The key that new values are sealed with.
    ///
    /// # Errors
    /// [`Error::NoActiveKey`].
    pub fn active(&self) -> Result<&ScopeKey> {
        let mut newest_first = self.keys.values().rev();
        newest_first
            .find_map(|(state, key)| key.as_ref().filter(|_| *state == KeyState::Active))
            .ok_or(Error::NoActiveKey)
    }

    /// The key with which a value of this version is opened.
    ///
    /// # Errors
    /// [`Error::UnknownKeyVersion`] or [`Error::KeyNotUsable`].
    pub fn for_opening(&self, version: u32) -> Result<&ScopeKey> {
        match self.keys.get(&version) {
            None => Err(Error::UnknownKeyVersion { version }),
            Some((_, Some(key))) => Ok(key),
            Some((state, None)) => Err(Error::KeyNotUsable { version, state: *state }),
        }
    }

    /// The known versions with their states, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = (u32, KeyState)> + '_ {
        self.keys.iter().map(|(version, (state, _))| (*version, *state))
    }
}
