//! Slot providers: where key-encryption keys (KEK) come from.
//!
//! Each slot holds the root key wrapped by one provider. Providers of this crate need no network; providers
//! for a KMS implement the same trait in the binary. No provider retries, and none waits without end: the
//! caller sets the timeout.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use flero_model::secret::SecretString;

use crate::Result;
use crate::context::SlotContext;
use crate::keys::RootKey;

mod age_box;
mod environment;
mod key_file;
mod passphrase;
mod recovery;
mod symmetric;
mod systemd;

pub use environment::EnvironmentKey;
pub use key_file::{KeyFile, create_key_file, refuse_inside};
pub use passphrase::{Argon2Cost, Passphrase};
pub use recovery::{Recovery, RecoveryKit};
pub use systemd::SystemdCredential;

/// Names of the built-in providers, as they are stored in the slot row.
pub mod names {
    /// A file with 32 raw bytes outside the data folder.
    pub const FILE: &str = "file";
    /// A systemd credential (`LoadCredentialEncrypted=flero-kek`).
    pub const SYSTEMD: &str = "systemd";
    /// A passphrase, through Argon2id.
    pub const PASSPHRASE: &str = "passphrase";
    /// The environment variable `FLERO_KEK`.
    pub const ENVIRONMENT: &str = "env";
    /// A printed age identity.
    pub const RECOVERY: &str = "recovery";
}

/// What a provider says about itself; nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider's name, see [`names`].
    pub provider: &'static str,
    /// Which key: a fingerprint or a public key, stored with the slot. `None` for a passphrase, whose key pair
    /// depends on the slot's own salt.
    pub key_id: Option<String>,
    /// Why this source is weaker than a key file, as a sentence for the log and for `vault status`.
    pub weakness: Option<&'static str>,
    /// Whether the root key can be wrapped again from the slot's public half alone.
    pub asymmetric: bool,
}

/// A wrapped root key with what the provider needs to unwrap it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// Which key wrapped it, see [`Identity::key_id`].
    pub key_id: String,
    /// The provider's parameters as JSON text. Not secret, bound by the slot-set signature.
    pub parameters: String,
    /// The wrapped root key.
    pub blob: Vec<u8>,
}

/// A source of key-encryption keys.
#[async_trait]
pub trait SlotProvider: fmt::Debug + Send + Sync {
    /// What this provider is.
    fn identify(&self) -> Identity;

    /// Wraps the root key, bound to `context`.
    ///
    /// # Errors
    /// [`crate::Error::Provider`] with what to do.
    async fn wrap(&self, root: &RootKey, context: &SlotContext<'_>) -> Result<Wrapped>;

    /// Unwraps the root key. One attempt, no loop.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] for a wrong key, context or changed bytes; [`crate::Error::Provider`] otherwise.
    async fn unwrap(&self, wrapped: &Wrapped, context: &SlotContext<'_>) -> Result<RootKey>;

    /// Reads the source again where it may have been replaced while the process ran, for example a key file.
    /// What was read before stays in use when that fails.
    ///
    /// # Errors
    /// [`crate::Error::Provider`] with what to do.
    async fn refresh(&self) -> Result<()> {
        Ok(())
    }

    /// Whether the source is reachable and well-formed, without using it.
    ///
    /// # Errors
    /// [`crate::Error::Provider`] with what to do.
    async fn health(&self) -> Result<()>;
}

/// The provider for what a person hands over as text: a printed recovery identity (`AGE-SECRET-KEY-1...`), else a
/// passphrase.
///
/// # Errors
/// [`crate::Error::Provider`] for a mistyped identity or a passphrase that is too short.
pub fn from_person(text: SecretString) -> Result<Arc<dyn SlotProvider>> {
    const MARK: &[u8] = b"age-secret-key-";
    let start: Vec<u8> =
        text.expose().bytes().filter(|byte| !byte.is_ascii_whitespace()).take(MARK.len()).collect();
    if start.eq_ignore_ascii_case(MARK) {
        return Ok(Arc::new(Recovery::from_text(&text)?));
    }
    Ok(Arc::new(Passphrase::new(text)?))
}

/// A provider that can only wrap, made from the public half that an asymmetric slot stores. With it a new root
/// key is wrapped for a passphrase or a printed recovery code while the person who has it is absent.
///
/// `None` for slots whose secret is needed: such a slot must be at hand, or is dropped by the rotation.
pub fn public_half(provider: &str, wrapped: &Wrapped) -> Option<Box<dyn SlotProvider>> {
    match provider {
        names::PASSPHRASE => {
            passphrase::PublicHalf::from_slot(wrapped).map(|half| Box::new(half) as Box<dyn SlotProvider>)
        }
        names::RECOVERY => {
            Recovery::from_recipient(&wrapped.key_id).ok().map(|half| Box::new(half) as Box<dyn SlotProvider>)
        }
        _ => None,
    }
}
