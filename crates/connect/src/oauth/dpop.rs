//! Proof of possession (DPoP, RFC 9449): tokens that are of use only to whoever holds a key, with a signed proof on
//! every request.
//!
//! The key is made for a grant when its first tokens are asked for, is sealed beside them, and stays as long as the
//! grant does. What a server wants to find in the next proof (its nonce) is kept for a while, in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::digest;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use flero_model::{Timestamp, secret::SecretString};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value, json};
use url::Url;

use super::{fault::Fault, jwt::SigningKey};
use crate::auth::challenge;

/// The field that carries a proof (RFC 9449 section 4.1).
pub(crate) const PROOF: HeaderName = HeaderName::from_static("dpop");
/// The field by which a server names the nonce of the next proof (RFC 9449 section 8).
pub(crate) const NONCE: &str = "dpop-nonce";

/// The longest nonce that is kept, in bytes.
const MAX_NONCE_BYTES: usize = 512;
/// The most nonces that are kept; a further one makes room by dropping all of them, which costs a request each.
const MAX_NONCES: usize = 4_096;

/// The key of one grant. The algorithm is ES256, which RFC 9449 uses throughout and every server takes.
#[derive(Debug)]
pub(crate) struct ProofKey {
    key: SigningKey,
    jwk: Value,
    thumbprint: String,
}

impl ProofKey {
    /// A fresh key, as it is sealed: PKCS #8 in Base64.
    ///
    /// # Errors
    /// [`Fault::Inside`] when there is no randomness.
    pub(crate) fn generate() -> Result<SecretString, Fault> {
        SigningKey::generate_es256().map(|der| SecretString::new(BASE64.encode(&der)))
    }

    /// Reads a sealed key.
    ///
    /// # Errors
    /// [`Fault::Inside`] when it is no such key.
    pub(crate) fn read(sealed: &SecretString) -> Result<Self, Fault> {
        const MALFORMED: Fault = Fault::Inside(crate::Kind::CredentialMalformed);
        let der = zeroize::Zeroizing::new(BASE64.decode(sealed.expose().as_bytes()).map_err(|_| MALFORMED)?);
        let key = SigningKey::es256(&der).map_err(|_| MALFORMED)?;
        let jwk = jwk(key.public_point().ok_or(MALFORMED)?).ok_or(MALFORMED)?;
        let thumbprint = thumbprint(&jwk);
        Ok(Self { key, jwk, thumbprint })
    }

    /// The proof for one request. `token` is the access token that goes along, if there is one.
    ///
    /// # Errors
    /// [`Fault::Settings`] when the key does not sign.
    pub(crate) fn proof(&self, about: &About<'_>, jti: &str, now: Timestamp) -> Result<HeaderValue, Fault> {
        let signed = self.key.sign(header(&self.jwk), &claims(about, jti, now))?;
        HeaderValue::from_str(signed.expose()).map_err(|_| Fault::Settings("proof"))
    }
}

/// What a proof is about.
pub(crate) struct About<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
    pub(crate) token: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
}

/// The public key as a JWK (RFC 7518 section 6.2) from its uncompressed point.
fn jwk(point: &[u8]) -> Option<Value> {
    let coordinates = point.strip_prefix(&[4]).filter(|rest| rest.len() == 64)?;
    let (x, y) = coordinates.split_at(32);
    let coded = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    Some(json!({"kty": "EC", "x": coded(x), "y": coded(y), "crv": "P-256"}))
}

/// RFC 7638 section 3: the hash of the required members in the order of their names.
fn thumbprint(jwk: &Value) -> String {
    let text = format!(r#"{{"crv":{},"kty":{},"x":{},"y":{}}}"#, jwk["crv"], jwk["kty"], jwk["x"], jwk["y"]);
    hash(text.as_bytes())
}

fn hash(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn header(jwk: &Value) -> Map<String, Value> {
    let mut header = Map::new();
    header.insert("typ".into(), "dpop+jwt".into());
    header.insert("alg".into(), "ES256".into());
    header.insert("jwk".into(), jwk.clone());
    header
}

/// RFC 9449 section 4.2: the address stands there without its query.
fn claims(about: &About<'_>, jti: &str, now: Timestamp) -> Value {
    let mut url = about.url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let mut claims = json!({
        "jti": jti,
        "htm": about.method.as_str(),
        "htu": url.as_str(),
        "iat": now.as_millis() / 1_000,
    });
    if let Some(token) = about.token {
        claims["ath"] = hash(token.as_bytes()).into();
    }
    if let Some(nonce) = about.nonce {
        claims["nonce"] = nonce.into();
    }
    claims
}

/// The nonces that servers want, by key and origin: a server may give each client its own.
#[derive(Default)]
pub(crate) struct Nonces(Mutex<HashMap<(String, String), String>>);

impl Nonces {
    /// The nonce for the next proof.
    pub(crate) fn get(&self, key: &ProofKey, origin: &str) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&(key.thumbprint.clone(), origin.to_owned())).cloned()
    }

    /// Takes the nonce of an answer, whatever its status. `true` when it is another one than before.
    pub(crate) fn take(&self, key: &ProofKey, origin: &str, headers: &HeaderMap) -> bool {
        let given = headers.get(NONCE).and_then(|value| value.to_str().ok());
        let Some(nonce) = given.filter(|nonce| !nonce.is_empty() && nonce.len() <= MAX_NONCE_BYTES) else {
            return false;
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_NONCES {
            kept.clear();
        }
        let place = (key.thumbprint.clone(), origin.to_owned());
        kept.insert(place, nonce.to_owned()).as_deref() != Some(nonce)
    }
}

/// Whether a resource server refused for the nonce alone (RFC 9449 section 9).
pub(crate) fn wants_nonce(status: u16, headers: &HeaderMap) -> bool {
    status == 401
        && headers
            .get_all(http::header::WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(challenge::read)
            .any(|one| one.scheme == "dpop" && one.get("error") == Some("use_dpop_nonce"))
}

#[cfg(test)]
mod tests;
