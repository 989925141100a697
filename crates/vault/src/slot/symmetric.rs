//! What the providers with a 32-byte key share: the envelope under the key, bound to the slot.

use std::fmt;

use aws_lc_rs::hkdf::{HKDF_SHA512, KeyType, Salt};
use data_encoding::HEXLOWER;

use super::Wrapped;
use crate::context::SlotContext;
use crate::envelope::{self, ROOT_KEY};
use crate::keys::RootKey;
use crate::locked::LockedKey;
use crate::{Error, Result, random};

/// Eight bytes name a key among the few of an installation; they are no help to find its 256 bits.
const KEY_ID_BYTES: usize = 8;

struct KeyIdLength;

impl KeyType for KeyIdLength {
    fn len(&self) -> usize {
        KEY_ID_BYTES
    }
}

/// A symmetric key-encryption key.
pub(super) struct Kek {
    key: LockedKey,
    key_id: String,
}

impl Kek {
    /// Takes the key from exactly 32 bytes and wipes them.
    pub(super) fn take(provider: &'static str, bytes: &mut [u8]) -> Result<Self> {
        let key = LockedKey::take(bytes)
            .map_err(|_| Error::provider(provider, "the key must be exactly 32 bytes"))?;
        let mut id = [0_u8; KEY_ID_BYTES];
        let prk = Salt::none(HKDF_SHA512).extract(key.expose());
        prk.expand(&[b"flero/vault/v1/kek-id"], KeyIdLength)
            .and_then(|okm| okm.fill(&mut id))
            .map_err(|_| Error::Refused)?;
        Ok(Self { key, key_id: HEXLOWER.encode(&id) })
    }

    pub(super) fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(super) fn wrap(&self, root: &RootKey, context: &SlotContext<'_>) -> Result<Wrapped> {
        let items = context.to_bytes();
        let blob = envelope::seal(&ROOT_KEY, self.key.expose(), 1, &[&items], root.expose(), random::fill)?;
        Ok(Wrapped { key_id: self.key_id.clone(), parameters: "{}".to_owned(), blob })
    }

    pub(super) fn unwrap(&self, wrapped: &Wrapped, context: &SlotContext<'_>) -> Result<RootKey> {
        let items = context.to_bytes();
        let mut bytes = envelope::open(&ROOT_KEY, self.key.expose(), &[&items], &wrapped.blob)?;
        RootKey::take(&mut bytes)
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Kek({})", self.key_id)
    }
}
