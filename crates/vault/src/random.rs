//! Randomness. Keys, salts and nonces come from the generator of AWS-LC; identifiers, which are no secrets, from
//! the kernel.

use rustix::rand::{GetRandomFlags, getrandom};

use crate::{Error, Result};

/// Fills `buffer` with random bytes.
///
/// # Errors
/// [`Error::Random`] when the generator fails; the caller must not go on with the buffer.
pub(crate) fn fill(buffer: &mut [u8]) -> Result<()> {
    aws_lc_rs::rand::fill(buffer).map_err(|_| Error::Random)
}

/// Seeds the generator, which takes tens of milliseconds the first time: it measures the jitter of the CPU as a
/// second source of entropy. A server does this beside its start instead of in its way.
///
/// # Errors
/// [`Error::Random`] when the generator fails.
pub fn seed_generator() -> Result<()> {
    fill(&mut [0_u8; 1])
}

/// 128 random bits from the kernel, for identifiers.
///
/// # Errors
/// [`Error::Random`] when the kernel has none.
pub fn random_u128() -> Result<u128> {
    let mut bytes = [0_u8; 16];
    let mut filled = 0;
    // The kernel may give fewer bytes than asked for when a signal arrives.
    while filled < bytes.len() {
        filled += getrandom(&mut bytes[filled..], GetRandomFlags::empty()).map_err(|_| Error::Random)?;
    }
    Ok(u128::from_be_bytes(bytes))
}
