//! The metadata and the signing keys of providers, kept for a while. A provider changes its keys by listing the new one
//! beside the old one (OpenID Connect Core 1.0 section 10.1.1), so that reading again is all that rotation needs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use flero_model::Timestamp;
use http::HeaderMap;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use url::Url;

use super::{OpenidMetadata, read};
use crate::oauth::{broker::Broker, discovery, fault::Fault};

/// How long metadata and keys are kept, in milliseconds.
const KEPT_MS: i64 = 600_000;
/// How soon keys are read again for a token that names another one, in milliseconds: whoever sends tokens with made-up
/// names does not make us ask each time.
const AGAIN_MS: i64 = 30_000;
/// The most keys of a provider that are read.
const MAX_KEYS: usize = 50;
/// The most providers that are kept.
const MAX_KEPT: usize = 200;

type Kept<T> = Mutex<HashMap<String, (Timestamp, Arc<T>)>>;

/// What is known of providers.
#[derive(Default)]
pub(in crate::oauth) struct Providers {
    metadata: Kept<OpenidMetadata>,
    keys: Kept<Vec<Jwk>>,
}

fn look_up<T>(kept: &Kept<T>, name: &str, now: Timestamp, at_most_ms: i64) -> Option<Arc<T>> {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let (since, found) = kept.get(name)?;
    (0..at_most_ms).contains(&now.millis_since(*since)).then(|| Arc::clone(found))
}

fn keep<T>(kept: &Kept<T>, name: &str, now: Timestamp, found: T) -> Arc<T> {
    let found = Arc::new(found);
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    kept.insert(name.to_owned(), (now, Arc::clone(&found)));
    found
}

impl Broker {
    /// The metadata of a provider.
    pub(super) async fn openid_metadata(&self, issuer: &str) -> Result<Arc<OpenidMetadata>, Fault> {
        let now = self.clock.now();
        if let Some(found) = look_up(&self.providers.metadata, issuer, now, KEPT_MS) {
            return Ok(found);
        }
        let [_, url] = discovery::places(issuer)?;
        let body = self.document(url).await?;
        Ok(keep(&self.providers.metadata, issuer, now, read(issuer, &body)?))
    }

    /// The keys at an address; read anew when they are asked for `again`, but not all the time.
    pub(super) async fn openid_keys(&self, jwks_uri: &str, again: bool) -> Result<Arc<Vec<Jwk>>, Fault> {
        let now = self.clock.now();
        let at_most = if again { AGAIN_MS } else { KEPT_MS };
        if let Some(found) = look_up(&self.providers.keys, jwks_uri, now, at_most) {
            return Ok(found);
        }
        let url = Url::parse(jwks_uri).map_err(|_| Fault::Answer)?;
        let body = self.document(url).await?;
        let value: Value = serde_json::from_slice(&body).map_err(|_| Fault::Answer)?;
        let listed = value.get("keys").and_then(Value::as_array).ok_or(Fault::Answer)?;
        // A key of a kind that we do not know is not ours to use (RFC 7517 section 5).
        let keys = listed.iter().take(MAX_KEYS).filter_map(|key| serde_json::from_value(key.clone()).ok());
        Ok(keep(&self.providers.keys, jwks_uri, now, keys.collect()))
    }

    async fn document(&self, url: Url) -> Result<Vec<u8>, Fault> {
        let answer = self.wire.get(url, HeaderMap::new()).await?;
        match answer.status {
            200 => Ok(answer.body.expose().to_vec()),
            300..=399 => Err(Fault::Redirected),
            429 | 500..=599 => Err(Fault::Busy(None)),
            _ => Err(Fault::Answer),
        }
    }
}
