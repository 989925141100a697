//! The audit key: MACs the checkpoints of the audit chain. It is a key of its own that the root key wraps,
//! so that a rotation of the root key leaves old checkpoints verifiable.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::envelope::{self, AUDIT_KEY};
use crate::keys::RootKey;
use crate::locked::LockedKey;
use crate::{Error, Result, random};

/// The key of audit checkpoints.
pub struct AuditKey(LockedKey);

impl AuditKey {
    /// Makes a new audit key.
    ///
    /// # Errors
    /// [`Error::Random`] or [`Error::Memory`].
    pub fn generate() -> Result<Self> {
        LockedKey::fill_with(random::fill).map(Self)
    }

    /// Wraps the key with the root key, bound to the installation.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn wrap(&self, root: &RootKey, instance: &str) -> Result<Vec<u8>> {
        envelope::seal(&AUDIT_KEY, root.expose(), 1, &[instance.as_bytes()], self.0.expose(), random::fill)
    }

    /// Unwraps the audit key.
    ///
    /// # Errors
    /// [`Error::Refused`] for another root key, another installation or changed bytes.
    pub fn unwrap(root: &RootKey, instance: &str, wrapped: &[u8]) -> Result<Self> {
        let mut bytes: Zeroizing<Vec<u8>> =
            envelope::open(&AUDIT_KEY, root.expose(), &[instance.as_bytes()], wrapped)?;
        LockedKey::take(&mut bytes).map(Self)
    }

    /// HMAC-SHA-256 of a checkpoint.
    pub fn mac(&self, checkpoint: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose());
        let mut mac = [0_u8; 32];
        mac.copy_from_slice(hmac::sign(&key, checkpoint).as_ref());
        mac
    }

    /// Checks the MAC of a checkpoint in constant time.
    ///
    /// # Errors
    /// [`Error::Refused`] when it does not match.
    pub fn verify(&self, checkpoint: &[u8], mac: &[u8]) -> Result<()> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose());
        hmac::verify(&key, checkpoint, mac).map_err(|_| Error::Refused)
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AuditKey(..)")
    }
}
