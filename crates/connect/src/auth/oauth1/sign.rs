//! The signature methods of OAuth 1.0a (RFC 5849 section 3.4).

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::base64;
use crate::{
    auth::{
        encode_unreserved,
        rsa::{Hash, PrivateKey},
    },
    error::Kind,
};

/// How a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    HmacSha1,
    HmacSha256,
    HmacSha512,
    RsaSha1,
    RsaSha256,
    RsaSha512,
    PlainText,
}

impl Method {
    const ALL: [Self; 7] = [
        Self::HmacSha1,
        Self::HmacSha256,
        Self::HmacSha512,
        Self::RsaSha1,
        Self::RsaSha256,
        Self::RsaSha512,
        Self::PlainText,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::HmacSha512 => "HMAC-SHA512",
            Self::RsaSha1 => "RSA-SHA1",
            Self::RsaSha256 => "RSA-SHA256",
            Self::RsaSha512 => "RSA-SHA512",
            Self::PlainText => "PLAINTEXT",
        }
    }

    pub(super) fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    const fn hash(self) -> Option<Hash> {
        match self {
            Self::RsaSha1 => Some(Hash::Sha1),
            Self::RsaSha256 => Some(Hash::Sha256),
            Self::RsaSha512 => Some(Hash::Sha512),
            _ => None,
        }
    }

    /// Whether the consumer secret is a key of this method.
    pub(super) fn check_key(self, consumer_secret: &str) -> Result<(), Kind> {
        match self.hash() {
            Some(_) => PrivateKey::from_pem(consumer_secret).map(drop),
            None => Ok(()),
        }
    }

    /// The signature, not yet percent-encoded.
    pub(super) fn sign(
        self,
        base: &str,
        consumer_secret: &str,
        token_secret: &str,
    ) -> Result<Zeroizing<String>, Kind> {
        if let Some(hash) = self.hash() {
            return Ok(base64(&PrivateKey::from_pem(consumer_secret)?.sign(hash, base.as_bytes())?));
        }
        let key =
            Zeroizing::new([encode_unreserved(consumer_secret), encode_unreserved(token_secret)].join("&"));
        let algorithm = match self {
            Self::HmacSha256 => hmac::HMAC_SHA256,
            Self::HmacSha512 => hmac::HMAC_SHA512,
            Self::PlainText => return Ok(key),
            _ => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        };
        let key = hmac::Key::new(algorithm, key.as_bytes());
        Ok(base64(hmac::sign(&key, base.as_bytes()).as_ref()))
    }
}
