//! Signing JSON Web Tokens (RFC 7515, RFC 7519): assertions of clients and proofs of possession. Nothing is verified
//! here, so there is no algorithm for an attacker to choose.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding,
        RsaKeyPair,
    },
};
use data_encoding::BASE64URL_NOPAD;
use flero_model::secret::SecretString;
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::fault::Fault;

/// A private key with the algorithm that it signs by. One key, one algorithm (RFC 8725 section 3.1).
pub(crate) struct SigningKey {
    key: Key,
    algorithm: &'static str,
}

enum Key {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ecdsa(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SigningKey({})", self.algorithm)
    }
}

/// What is said when a key cannot be used.
const KEY: Fault = Fault::Settings("private key");

impl SigningKey {
    /// A fresh key for ES256, as PKCS #8.
    ///
    /// # Errors
    /// [`Fault::Inside`] when there is no randomness.
    pub(crate) fn generate_es256() -> Result<Zeroizing<Vec<u8>>, Fault> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let made = made.map_err(|_| Fault::Inside(crate::Kind::VaultUnavailable))?;
        Ok(Zeroizing::new(made.as_ref().to_vec()))
    }

    /// Reads a key that [`SigningKey::generate_es256`] made.
    ///
    /// # Errors
    /// [`Fault::Settings`] when it is no such key.
    pub(crate) fn es256(der: &[u8]) -> Result<Self, Fault> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map_err(|_| KEY)?;
        Ok(Self { key: Key::Ecdsa(Box::new(key)), algorithm: "ES256" })
    }

    /// The public key of a curve as its uncompressed point (SEC 1 section 2.3.3); `None` for other keys.
    pub(crate) fn public_point(&self) -> Option<&[u8]> {
        match &self.key {
            Key::Ecdsa(key) => Some(key.public_key().as_ref()),
            Key::Rsa(..) | Key::Ed25519(_) => None,
        }
    }

    /// Reads a key in PEM: PKCS#8, PKCS#1 or SEC 1. Without `algorithm` it is RS256 for RSA, ES256 or ES384 for a
    /// curve, EdDSA for Ed25519.
    ///
    /// # Errors
    /// [`Fault::Settings`] when it is no such key, or the algorithm is not one of the key's.
    pub(crate) fn from_pem(pem: &SecretString, algorithm: Option<&str>) -> Result<Self, Fault> {
        let der = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| KEY)?;
        Self::from_der(&der, algorithm)
    }

    fn from_der(der: &PrivateKeyDer<'_>, algorithm: Option<&str>) -> Result<Self, Fault> {
        let bytes = der.secret_der();
        let rsa = match der {
            PrivateKeyDer::Pkcs1(_) => RsaKeyPair::from_der(bytes).ok(),
            PrivateKeyDer::Pkcs8(_) => RsaKeyPair::from_pkcs8(bytes).ok(),
            _ => None,
        };
        if let Some(key) = rsa {
            let (algorithm, encoding): (_, &'static dyn RsaEncoding) = match algorithm.unwrap_or("RS256") {
                "RS256" => ("RS256", &RSA_PKCS1_SHA256),
                "RS384" => ("RS384", &RSA_PKCS1_SHA384),
                "RS512" => ("RS512", &RSA_PKCS1_SHA512),
                "PS256" => ("PS256", &RSA_PSS_SHA256),
                _ => return Err(Fault::Settings("algorithm")),
            };
            return Ok(Self { key: Key::Rsa(Box::new(key), encoding), algorithm });
        }
        let curves =
            [("ES256", &ECDSA_P256_SHA256_FIXED_SIGNING), ("ES384", &ECDSA_P384_SHA384_FIXED_SIGNING)];
        for (name, curve) in curves {
            if let Ok(key) = EcdsaKeyPair::from_private_key_der(curve, bytes) {
                return Self { key: Key::Ecdsa(Box::new(key)), algorithm: name }.checked(algorithm);
            }
        }
        let key = Ed25519KeyPair::from_pkcs8(bytes)
            .or_else(|_| Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes))
            .map_err(|_| KEY)?;
        Self { key: Key::Ed25519(Box::new(key)), algorithm: "EdDSA" }.checked(algorithm)
    }

    fn checked(self, wanted: Option<&str>) -> Result<Self, Fault> {
        match wanted {
            Some(wanted) if wanted != self.algorithm => Err(Fault::Settings("algorithm")),
            _ => Ok(self),
        }
    }

    /// Signs claims under a header; `alg` is set here.
    ///
    /// # Errors
    /// [`Fault::Settings`] when the key does not sign, for example because it is too small.
    pub(crate) fn sign(&self, mut header: Map<String, Value>, claims: &Value) -> Result<SecretString, Fault> {
        header.insert("alg".into(), self.algorithm.into());
        let mut signed = Zeroizing::new(BASE64URL_NOPAD.encode(Value::Object(header).to_string().as_bytes()));
        signed.push('.');
        signed.push_str(&BASE64URL_NOPAD.encode(claims.to_string().as_bytes()));
        let signature = self.signature(signed.as_bytes())?;
        signed.push('.');
        signed.push_str(&BASE64URL_NOPAD.encode(&signature));
        Ok(SecretString::new(std::mem::take(&mut *signed)))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &random, message, &mut signature).map_err(|_| KEY)?;
                Ok(signature)
            }
            Key::Ecdsa(key) => Ok(key.sign(&random, message).map_err(|_| KEY)?.as_ref().to_vec()),
            Key::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::json;

    use super::*;

    /// Security test 56: a key signs by its own algorithm alone, and what it signs is what was asked for.
    #[test]
    fn an_assertion_is_signed_by_the_keys_own_algorithm() {
        let made = rcgen::KeyPair::generate().unwrap();
        let pem = SecretString::new(made.serialize_pem());
        let key = SigningKey::from_pem(&pem, None).unwrap();
        let claims = json!({"iss": "client", "aud": "https://as.example.com"});
        let mut header = Map::new();
        header.insert("alg".into(), "none".into());
        let token = key.sign(header, &claims).unwrap();
        let parts: Vec<&str> = token.expose().split('.').collect();
        let decoded = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
        let header: Value = serde_json::from_slice(&decoded(parts[0])).unwrap();
        assert_eq!(header["alg"], "ES256");
        assert_eq!(serde_json::from_slice::<Value>(&decoded(parts[1])).unwrap(), claims);
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, made.public_key_raw());
        let signed = format!("{}.{}", parts[0], parts[1]);
        public.verify(signed.as_bytes(), &decoded(parts[2])).unwrap();
        for other in ["none", "HS256", "RS256", "EdDSA"] {
            assert!(SigningKey::from_pem(&pem, Some(other)).is_err(), "{other}");
        }
        assert!(SigningKey::from_pem(&SecretString::from("no key"), None).is_err());
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }
}
