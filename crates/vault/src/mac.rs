//! The keyed hash over the set of slots, under a branch of the root key: an HKDF-SHA-512 derivation with a label of
//! its own.

use aws_lc_rs::hkdf::{HKDF_SHA512, KeyType, Salt};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::context::push;
use crate::keys::RootKey;
use crate::{Error, Result};

const SLOT_SET_LABEL: &[u8] = b"flero/vault/v1/slots";

/// One key slot as it is stored, without what changes without a key (the time it was last verified).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotRecord {
    /// The slot's id.
    pub id: String,
    /// The provider's name, for example `file`.
    pub provider: String,
    /// Which key of that provider, for example a fingerprint of the key file.
    pub key_id: String,
    /// The provider's parameters as the JSON text that is stored, byte for byte.
    pub parameters: String,
    /// The wrapped root key.
    pub blob: Vec<u8>,
    /// When the slot was made, in milliseconds since 1970-01-01 UTC.
    pub created_at_ms: i64,
}

struct BranchLength;

impl KeyType for BranchLength {
    fn len(&self) -> usize {
        32
    }
}

fn branch(key: &[u8; 32], label: &[u8]) -> Result<hmac::Key> {
    let mut derived = Zeroizing::new([0_u8; 32]);
    let prk = Salt::none(HKDF_SHA512).extract(key);
    let info = [label];
    prk.expand(&info, BranchLength).and_then(|okm| okm.fill(&mut derived[..])).map_err(|_| Error::Refused)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &derived[..]))
}

fn slot_set_bytes(instance: &str, slots: &[SlotRecord]) -> Vec<u8> {
    // The order in which a database returns rows must not matter.
    let mut ordered: Vec<&SlotRecord> = slots.iter().collect();
    ordered.sort_by(|left, right| left.id.cmp(&right.id));
    let mut bytes = Vec::new();
    push(&mut bytes, instance.as_bytes());
    push(&mut bytes, &(ordered.len() as u64).to_be_bytes());
    for slot in ordered {
        push(&mut bytes, slot.id.as_bytes());
        push(&mut bytes, slot.provider.as_bytes());
        push(&mut bytes, slot.key_id.as_bytes());
        push(&mut bytes, slot.parameters.as_bytes());
        push(&mut bytes, &slot.blob);
        push(&mut bytes, &slot.created_at_ms.to_be_bytes());
    }
    bytes
}

/// HMAC-SHA-256 over all slots, so that a writer of the database cannot add, change or remove one unseen.
///
/// # Errors
/// [`Error::Refused`] only if the derivation fails, which its constant lengths rule out.
pub fn slot_set_mac(root: &RootKey, instance: &str, slots: &[SlotRecord]) -> Result<[u8; 32]> {
    let key = branch(root.expose(), SLOT_SET_LABEL)?;
    let mut mac = [0_u8; 32];
    mac.copy_from_slice(hmac::sign(&key, &slot_set_bytes(instance, slots)).as_ref());
    Ok(mac)
}

/// Checks the HMAC over all slots in constant time.
///
/// # Errors
/// [`Error::SlotSetChanged`] when it does not match.
pub fn verify_slot_set(root: &RootKey, instance: &str, slots: &[SlotRecord], mac: &[u8]) -> Result<()> {
    let key = branch(root.expose(), SLOT_SET_LABEL)?;
    hmac::verify(&key, &slot_set_bytes(instance, slots), mac).map_err(|_| Error::SlotSetChanged)
}
