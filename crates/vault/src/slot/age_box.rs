//! Wrapping to an age X25519 recipient (<https://age-encryption.org/v1>), for slots that can be wrapped again with
//! their public half alone.
//!
//! age has no additional authenticated data, so the context stands inside the payload and is compared after
//! unwrapping: `length u32 | context | root key 32`.

use age::x25519;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use bech32::Hrp;
use zeroize::Zeroizing;

use crate::context::{SlotContext, push};
use crate::keys::RootKey;
use crate::{Error, Result};

pub(super) fn wrap(
    recipient: &x25519::Recipient,
    root: &RootKey,
    context: &SlotContext<'_>,
) -> Result<Vec<u8>> {
    let mut payload = Zeroizing::new(Vec::with_capacity(256));
    push(&mut payload, &context.to_bytes());
    payload.extend_from_slice(root.expose());
    age::encrypt(recipient, &payload).map_err(|_| Error::Random)
}

pub(super) fn unwrap(identity: &x25519::Identity, blob: &[u8], context: &SlotContext<'_>) -> Result<RootKey> {
    let mut payload = Zeroizing::new(age::decrypt(identity, blob).map_err(|_| Error::Refused)?);
    let mut expected = Vec::new();
    push(&mut expected, &context.to_bytes());
    if payload.len() != expected.len() + 32 {
        return Err(Error::Refused);
    }
    let (found, key) = payload.split_at_mut(expected.len());
    verify_slices_are_equal(found, &expected).map_err(|_| Error::Refused)?;
    RootKey::take(key)
}

/// The identity whose private scalar is `secret`. age takes it only in its text form.
pub(super) fn identity_from(secret: &[u8; 32]) -> Result<x25519::Identity> {
    let prefix = Hrp::parse("age-secret-key-").map_err(|_| Error::Malformed)?;
    let mut text =
        Zeroizing::new(bech32::encode_lower::<bech32::Bech32>(prefix, secret).map_err(|_| Error::Malformed)?);
    text.make_ascii_uppercase();
    text.parse().map_err(|_| Error::Malformed)
}
