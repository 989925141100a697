//! Sealing and opening the secret of one record.

use flero_model::secret::SecretBytes;

use crate::context::Context;
use crate::envelope::{self, RECORD};
use crate::keys::{ScopeKey, ScopeKeyset};
use crate::{Error, Result, random};

/// The largest plaintext of one blob: 16 MiB. A credential is a few kilobytes; sensitive execution data
/// above this goes to blob storage in parts.
pub const MAX_PLAINTEXT_BYTES: usize = 16 * 1024 * 1024;

/// Seals `plaintext` under `key`, bound to `context`.
///
/// # Errors
/// [`Error::TooLarge`] above [`MAX_PLAINTEXT_BYTES`]; [`Error::Random`] when the system has no randomness.
pub fn seal(key: &ScopeKey, context: &Context<'_>, plaintext: &[u8]) -> Result<Vec<u8>> {
    seal_with(key, context, plaintext, random::fill)
}

/// [`seal`] with the source of the salt passed in, so that its failure can be tested.
pub(crate) fn seal_with(
    key: &ScopeKey,
    context: &Context<'_>,
    plaintext: &[u8],
    random: impl FnOnce(&mut [u8]) -> Result<()>,
) -> Result<Vec<u8>> {
    if plaintext.len() > MAX_PLAINTEXT_BYTES {
        return Err(Error::TooLarge { limit_bytes: MAX_PLAINTEXT_BYTES });
    }
    with_items(context, |items| {
        envelope::seal(&RECORD, key.expose(), key.version(), items, plaintext, random)
    })
}

/// Opens a blob with the key version that it names, looked up in the keyset of the record's own scope only:
/// the ciphertext never chooses among other keys.
///
/// # Errors
/// [`Error::UnknownKeyVersion`] (reload the keyset once), [`Error::KeyNotUsable`], [`Error::Malformed`],
/// [`Error::UnknownSuite`], or [`Error::Refused`] for a wrong key, context or ciphertext alike.
pub fn open(keyset: &ScopeKeyset, context: &Context<'_>, blob: &[u8]) -> Result<SecretBytes> {
    if blob.len() > MAX_PLAINTEXT_BYTES + envelope::OVERHEAD_BYTES {
        return Err(Error::TooLarge { limit_bytes: MAX_PLAINTEXT_BYTES });
    }
    let key = keyset.for_opening(envelope::version(&RECORD, blob)?)?;
    let mut plaintext = with_items(context, |items| envelope::open(&RECORD, key.expose(), items, blob))?;
    // The buffer itself moves into the secret; no copy is left behind.
    Ok(SecretBytes::new(std::mem::take(&mut *plaintext)))
}

fn with_items<T>(context: &Context<'_>, run: impl FnOnce(&[&[u8]]) -> T) -> T {
    run(&[
        context.scope.instance.as_bytes(),
        context.scope.kind.as_str().as_bytes(),
        context.scope.id.as_bytes(),
        context.credential.as_bytes(),
        context.credential_type.as_bytes(),
        context.field.as_bytes(),
        &context.revision.to_be_bytes(),
        context.policy.as_bytes(),
    ])
}

#[cfg(test)]
mod tests;
