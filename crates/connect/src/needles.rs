//! From a credential to its scrubber, and the scrubbers that are kept for a short while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use flero_keyring::needles::{self, Needle};
use flero_model::{
    CredentialId,
    credential::{AuthType, Policy},
};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use crate::{
    auth::{Document, Scheme},
    scrub::Scrubber,
};

/// How long a compiled set of needles is kept (VAULT, "In memory"): building one costs more than a request.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// How many are kept at most; one takes some 25 KiB.
const MAX_KEPT: usize = 1024;

/// The scrubber of a credential: of every secret in its document, and of what the scheme sends.
pub(crate) fn compile(policy: &Policy, plain: &[u8], scheme: &Scheme) -> Scrubber {
    compile_with(policy, plain, scheme, &[])
}

/// The scrubber of a document alone, for what is not HTTP.
pub(crate) fn of_plain(plain: &[u8]) -> Scrubber {
    Scrubber::new(needles::of_document(plain).into_iter().map(Needle::into_bytes).collect(), Vec::new())
}

/// The same with secrets that came in exchange for it.
pub(crate) fn compile_with(
    policy: &Policy,
    plain: &[u8],
    scheme: &Scheme,
    exchanged: &[Zeroizing<Vec<u8>>],
) -> Scrubber {
    let mut found = needles::of_document(plain);
    found.extend(exchanged.iter().flat_map(|secret| needles::of_secret(secret)));
    let username = policy.parameters.get("username").and_then(serde_json::Value::as_str);
    let document = Document::read(plain);
    if let (AuthType::Basic, Some(username), Ok(document)) = (policy.auth_type, username, &document)
        && let Ok(password) = document.text("password")
    {
        found.extend(needles::of_basic(username, password.as_bytes()));
    }
    let sent = scheme.header_values();
    if policy.auth_type == AuthType::Basic {
        // The coded pair as it is sent, which a short password does not give by itself.
        let coded = sent.iter().filter_map(|value| value.strip_prefix(b"Basic ".as_slice()));
        found.extend(coded.flat_map(needles::of_secret));
    }
    Scrubber::new(found.into_iter().map(Needle::into_bytes).collect(), sent)
}

/// A credential, and which writing of its secret. With a token set, that of the token set stands beside it.
pub(crate) type Key = (CredentialId, u64);

/// The key of a credential with a token set. Neither count comes near 32 bits.
pub(crate) const fn key_with_tokens(id: CredentialId, secret: u64, tokens: u64) -> Key {
    (id, (secret << 32) + tokens)
}

type Kept = HashMap<Key, (Arc<Scrubber>, Instant)>;

/// Scrubbers by credential and secret revision.
#[derive(Clone)]
pub(crate) struct Scrubbers {
    kept: Arc<Mutex<Kept>>,
    kept_for: Duration,
}

impl Default for Scrubbers {
    fn default() -> Self {
        Self { kept: Arc::default(), kept_for: KEPT_FOR }
    }
}

impl Scrubbers {
    /// The scrubber of a credential's secret, built if there is none or the kept one is too old.
    pub(crate) fn get(&self, key: Key, build: impl FnOnce() -> Scrubber) -> Arc<Scrubber> {
        let now = Instant::now();
        {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((scrubber, until)) = kept.get(&key)
                && *until > now
            {
                return Arc::clone(scrubber);
            }
        }
        let built = Arc::new(build());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (_, until)| *until > now);
        if kept.len() < MAX_KEPT {
            kept.insert(key, (Arc::clone(&built), now + self.kept_for));
            tokio::spawn(sweep(Arc::downgrade(&self.kept), self.kept_for));
        }
        built
    }

    /// Forgets a credential's scrubbers.
    pub(crate) fn forget(&self, credential: CredentialId) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).retain(|(id, ..), _| *id != credential);
    }
}

/// Drops what is too old even when nobody asks again, so that secrets do not stay in memory.
async fn sweep(kept: Weak<Mutex<Kept>>, kept_for: Duration) {
    sleep(kept_for + Duration::from_millis(10)).await;
    if let Some(kept) = kept.upgrade() {
        let now = Instant::now();
        kept.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (_, until)| *until > now);
    }
}

#[cfg(test)]
mod tests;
