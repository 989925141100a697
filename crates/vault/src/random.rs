//! The one source of randomness: the generator of AWS-LC, seeded by the kernel.

use crate::{Error, Result};

/// Fills `buffer` with random bytes.
///
/// # Errors
/// [`Error::Random`] when the generator fails; the caller must not go on with the buffer.
pub(crate) fn fill(buffer: &mut [u8]) -> Result<()> {
    aws_lc_rs::rand::fill(buffer).map_err(|_| Error::Random)
}

/// 128 random bits, for identifiers.
///
/// # Errors
/// [`Error::Random`] when the generator fails.
pub fn random_u128() -> Result<u128> {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes)?;
    Ok(u128::from_be_bytes(bytes))
}
