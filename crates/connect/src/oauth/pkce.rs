//! Proof Key for Code Exchange (RFC 7636), the S256 method alone, and other random texts of OAuth.

use aws_lc_rs::{digest, rand};
use data_encoding::BASE64URL_NOPAD;
use flero_model::secret::SecretString;

use super::fault::Fault;
use crate::error::Kind;

/// A fresh verifier: 32 random bytes are 43 characters, the least that RFC 7636 section 4.1 allows and the length
/// that it recommends.
///
/// # Errors
/// [`Fault::Inside`] when there is no randomness.
pub(crate) fn verifier() -> Result<SecretString, Fault> {
    random_text()
}

/// The challenge of a verifier: the Base64url of its SHA-256 (RFC 7636 section 4.2).
#[must_use]
pub(crate) fn challenge(verifier: &SecretString) -> String {
    BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, verifier.expose().as_bytes()).as_ref())
}

/// 256 random bits as text: a `state`, a `jti`.
///
/// # Errors
/// [`Fault::Inside`] when there is no randomness.
pub(crate) fn random_text() -> Result<SecretString, Fault> {
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    rand::fill(bytes.as_mut_slice()).map_err(|_| Fault::Inside(Kind::VaultUnavailable))?;
    Ok(SecretString::new(BASE64URL_NOPAD.encode(bytes.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 1: the vector of RFC 7636 appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    /// Security test 50: a verifier is random, used once, and of the length that the RFC demands.
    #[test]
    fn verifiers_differ_and_have_43_unreserved_characters() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1_000 {
            let verifier = verifier().unwrap();
            let text = verifier.expose();
            assert_eq!(text.len(), 43);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert!(seen.insert(text.clone()));
        }
    }
}
