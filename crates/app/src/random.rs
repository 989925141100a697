//! Randomness for identifiers and keys, from the operating system by way of AWS-LC.

use crate::{Error, Result};

/// Fills an array with random bytes.
///
/// # Errors
/// [`Error::Internal`] when the random number generator fails: nothing is made then.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    aws_lc_rs::rand::fill(&mut out).map_err(|_| Error::Internal("the random number generator failed"))?;
    Ok(out)
}

/// Randomness for one identifier.
///
/// # Errors
/// As [`bytes`].
pub(crate) fn for_id() -> Result<u128> {
    bytes::<16>().map(u128::from_le_bytes)
}
