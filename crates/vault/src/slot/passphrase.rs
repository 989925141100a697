//! A passphrase: Argon2id gives the private half of an age key pair, and only the public half is stored, so that
//! a new root key can be wrapped while nobody types the passphrase.

use std::fmt;

use age::x25519;
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use data_encoding::BASE64;
use flero_model::secret::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Identity, SlotProvider, Wrapped, age_box, names};
use crate::context::SlotContext;
use crate::keys::RootKey;
use crate::{Error, Result, random};

const SALT_BYTES: usize = 16;
/// NIST SP 800-63B-4 asks for 15 characters where a password stands alone; here it guards everything.
const MIN_CHARACTERS: usize = 15;

/// What one derivation costs. Source of the default: RFC 9106 section 4, second recommended option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Argon2Cost {
    /// Memory, in KiB: 64 MiB at least.
    pub memory_kib: u32,
    /// Passes over the memory: 3 at least.
    pub passes: u32,
    /// Lanes: 4 at least.
    pub lanes: u32,
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 }
    }
}

impl Argon2Cost {
    /// Parameters come from the database before its signature can be checked: the upper bounds (4 GiB, 64
    /// passes, 64 lanes) keep a changed row from exhausting the machine, the lower ones from weakening the key.
    fn is_acceptable(self) -> bool {
        let least = Self::default();
        (least.memory_kib..=4 * 1024 * 1024).contains(&self.memory_kib)
            && (least.passes..=64).contains(&self.passes)
            && (least.lanes..=64).contains(&self.lanes)
    }
}

/// The parameters that the slot row holds. None is secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stored {
    kdf: String,
    cost: Argon2Cost,
    salt: String,
}

const KDF: &str = "argon2id-v19";

fn refuse(reason: &str) -> Error {
    Error::provider(names::PASSPHRASE, reason)
}

/// A passphrase, for making a slot or for opening one.
pub struct Passphrase {
    passphrase: SecretString,
    cost: Argon2Cost,
}

impl Passphrase {
    /// A passphrase with the default cost.
    ///
    /// # Errors
    /// [`Error::Provider`] when it is shorter than 15 characters.
    pub fn new(passphrase: SecretString) -> Result<Self> {
        Self::with_cost(passphrase, Argon2Cost::default())
    }

    /// A passphrase with a higher cost for new slots.
    ///
    /// # Errors
    /// [`Error::Provider`] for a short passphrase or a cost below the default or beyond its bounds.
    pub fn with_cost(passphrase: SecretString, cost: Argon2Cost) -> Result<Self> {
        if passphrase.expose().chars().count() < MIN_CHARACTERS {
            return Err(refuse("the passphrase must have at least 15 characters"));
        }
        if !cost.is_acceptable() {
            return Err(refuse("the cost of the passphrase is outside its bounds"));
        }
        Ok(Self { passphrase, cost })
    }

    fn derive(&self, cost: Argon2Cost, salt: &[u8]) -> Result<x25519::Identity> {
        let failed = |_| refuse("the key could not be derived; is there enough free memory?");
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(failed)?;
        let mut secret = Zeroizing::new([0_u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.passphrase.expose().as_bytes(), salt, &mut secret[..])
            .map_err(failed)?;
        age_box::identity_from(&secret)
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(..)")
    }
}

#[async_trait]
impl SlotProvider for Passphrase {
    fn identify(&self) -> Identity {
        Identity { provider: names::PASSPHRASE, key_id: None, weakness: None, asymmetric: true }
    }

    async fn wrap(&self, root: &RootKey, context: &SlotContext<'_>) -> Result<Wrapped> {
        let mut salt = [0_u8; SALT_BYTES];
        random::fill(&mut salt)?;
        let recipient = self.derive(self.cost, &salt)?.to_public();
        let stored = Stored { kdf: KDF.to_owned(), cost: self.cost, salt: BASE64.encode(&salt) };
        Ok(Wrapped {
            key_id: recipient.to_string(),
            parameters: serde_json::to_string(&stored).map_err(|_| Error::Malformed)?,
            blob: age_box::wrap(&recipient, root, context)?,
        })
    }

    async fn unwrap(&self, wrapped: &Wrapped, context: &SlotContext<'_>) -> Result<RootKey> {
        let stored: Stored = serde_json::from_str(&wrapped.parameters).map_err(|_| Error::Malformed)?;
        let salt = BASE64.decode(stored.salt.as_bytes()).map_err(|_| Error::Malformed)?;
        if stored.kdf != KDF || !stored.cost.is_acceptable() || salt.len() != SALT_BYTES {
            return Err(Error::Malformed);
        }
        let identity = self.derive(stored.cost, &salt)?;
        age_box::unwrap(&identity, &wrapped.blob, context)
    }

    async fn health(&self) -> Result<()> {
        Ok(())
    }
}

/// The stored public half of a passphrase slot: it wraps, and cannot unwrap.
#[derive(Debug)]
pub(super) struct PublicHalf {
    recipient: x25519::Recipient,
    parameters: String,
}

impl PublicHalf {
    pub(super) fn from_slot(wrapped: &Wrapped) -> Option<Self> {
        let recipient = wrapped.key_id.parse().ok()?;
        Some(Self { recipient, parameters: wrapped.parameters.clone() })
    }
}

#[async_trait]
impl SlotProvider for PublicHalf {
    fn identify(&self) -> Identity {
        Identity {
            provider: names::PASSPHRASE,
            key_id: Some(self.recipient.to_string()),
            weakness: None,
            asymmetric: true,
        }
    }

    async fn wrap(&self, root: &RootKey, context: &SlotContext<'_>) -> Result<Wrapped> {
        Ok(Wrapped {
            key_id: self.recipient.to_string(),
            parameters: self.parameters.clone(),
            blob: age_box::wrap(&self.recipient, root, context)?,
        })
    }

    async fn unwrap(&self, _: &Wrapped, _: &SlotContext<'_>) -> Result<RootKey> {
        Err(refuse("the passphrase is needed to open this slot"))
    }

    async fn health(&self) -> Result<()> {
        Ok(())
    }
}
