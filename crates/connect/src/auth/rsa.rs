//! RSA signatures with PKCS #1 v1.5 padding (RFC 8017 section 8.2): OAuth 1.0a and signed assertions use them.

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use zeroize::Zeroizing;

use crate::error::Kind;

mod sha1;

/// What is hashed before it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    /// Only where a service still asks for it.
    Sha1,
    Sha256,
    Sha512,
}

/// An RSA private key.
pub(crate) struct PrivateKey {
    pair: KeyPair,
    /// As it was read, for the signature that the library does not offer.
    der: Zeroizing<Vec<u8>>,
}

impl PrivateKey {
    /// Reads a key as PEM: PKCS #8, or PKCS #1.
    ///
    /// # Errors
    /// [`Kind::CredentialMalformed`].
    pub(crate) fn from_pem(pem: &str) -> Result<Self, Kind> {
        let malformed = |_| Kind::CredentialMalformed;
        let (pair, der) =
            match PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| Kind::CredentialMalformed)? {
                PrivateKeyDer::Pkcs8(key) => {
                    let der = Zeroizing::new(key.secret_pkcs8_der().to_vec());
                    (KeyPair::from_pkcs8(&der).map_err(malformed)?, der)
                }
                PrivateKeyDer::Pkcs1(key) => {
                    let der = Zeroizing::new(key.secret_pkcs1_der().to_vec());
                    (KeyPair::from_der(&der).map_err(malformed)?, der)
                }
                _ => return Err(Kind::CredentialMalformed),
            };
        Ok(Self { pair, der })
    }

    /// Signs a message.
    ///
    /// # Errors
    /// [`Kind::CredentialMalformed`] when the key cannot sign.
    pub(crate) fn sign(&self, hash: Hash, message: &[u8]) -> Result<Vec<u8>, Kind> {
        let padding = match hash {
            Hash::Sha1 => return sha1::sign(&self.der, message).ok_or(Kind::CredentialMalformed),
            Hash::Sha256 => &signature::RSA_PKCS1_SHA256,
            Hash::Sha512 => &signature::RSA_PKCS1_SHA512,
        };
        let mut signed = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(padding, &SystemRandom::new(), message, &mut signed)
            .map_err(|_| Kind::CredentialMalformed)?;
        Ok(signed)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::{AsDer, Pkcs8V1Der},
        rsa::KeySize,
        signature::{KeyPair as _, UnparsedPublicKey},
    };

    use super::*;

    #[test]
    fn what_is_signed_is_accepted_by_the_library_that_verifies() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let body = data_encoding::BASE64.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let key = PrivateKey::from_pem(&pem).unwrap();
        let public = pair.public_key().as_ref().to_vec();
        for (hash, verifying) in [
            (Hash::Sha1, &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            (Hash::Sha256, &signature::RSA_PKCS1_2048_8192_SHA256),
            (Hash::Sha512, &signature::RSA_PKCS1_2048_8192_SHA512),
        ] {
            let signed = key.sign(hash, b"message").unwrap();
            let public = UnparsedPublicKey::new(verifying, &public);
            assert!(public.verify(b"message", &signed).is_ok(), "{hash:?}");
            assert!(public.verify(b"messagf", &signed).is_err());
        }
    }

    #[test]
    fn another_key_than_rsa_is_refused() {
        let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
        assert_eq!(PrivateKey::from_pem(&key).err(), Some(Kind::CredentialMalformed));
        assert_eq!(sha1::sign(b"no key", b"message"), None);
    }
}
