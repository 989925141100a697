//! What services say of their limits, shared by everything that calls with the same credential (operations, requests of
//! HTTPRequest nodes, lists of choices, events): once a service takes no more requests, the next call waits for it or is
//! told so, instead of asking and being refused again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use flero_model::{CredentialId, Timestamp};
use flero_openapi::{
    Pack,
    answer::ServiceError,
    extension::{ErrorClass, TimeUnit},
};
use http::HeaderMap;

use super::super::{
    Engine,
    http::{Caller, retry_after},
};
use crate::failure::Failure;

/// How long a call waits by itself for a service's limit to end, in milliseconds.
const MAX_WAIT_MS: u64 = 10_000;

/// The most credentials whose limits are remembered.
const MOST: usize = 10_000;

/// A limit that is longer than a day is no limit of a rate.
const MAX_LIMIT_MS: i64 = 86_400_000;

/// Until when which credential waits. In this process alone: another one learns it by its own next answer.
#[derive(Debug, Default)]
pub(in crate::engine) struct Limits {
    until: Mutex<HashMap<CredentialId, Timestamp>>,
}

impl Limits {
    /// Remembers that a service takes nothing for so long, in milliseconds.
    pub(in crate::engine) fn note(&self, credential: CredentialId, wait_ms: u64, now: Timestamp) {
        let wait = i64::try_from(wait_ms).unwrap_or(MAX_LIMIT_MS).min(MAX_LIMIT_MS);
        let until = Timestamp::from_millis(now.as_millis().saturating_add(wait));
        let mut all = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, until| *until > now);
        }
        if all.len() < MOST || all.contains_key(&credential) {
            let known = all.entry(credential).or_insert(until);
            *known = (*known).max(until);
        }
    }

    /// How long a call has to wait, in milliseconds; 0 when it may be made.
    pub(in crate::engine) fn wait_ms(&self, credential: CredentialId, now: Timestamp) -> u64 {
        let mut all = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = all.get(&credential) else { return 0 };
        let wait = u64::try_from(until.as_millis() - now.as_millis()).unwrap_or(0);
        if wait == 0 {
            all.remove(&credential);
        }
        wait
    }
}

impl Engine {
    /// Waits until the service takes requests of this credential again, where that is soon; else the failure says how
    /// long it takes.
    pub(in crate::engine) async fn wait_for_limit(
        &self,
        caller: &Caller<'_>,
        timeout_ms: u64,
    ) -> Result<(), Failure> {
        match self.limited(caller.credential, caller.pack.as_deref()) {
            Some(Failure { retry_after_ms: Some(wait), .. }) if wait <= MAX_WAIT_MS.min(timeout_ms) => {
                tokio::time::sleep(Duration::from_millis(wait)).await;
                Ok(())
            }
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// For how long a service takes no requests of a credential, in milliseconds; 0 when it does.
    #[must_use]
    pub fn limit_ms(&self, credential: CredentialId) -> u64 {
        self.0.connectors.limits.wait_ms(credential, self.now())
    }

    /// The failure of a request that the service would refuse for its limit.
    pub(in crate::engine) fn limited(
        &self,
        credential: Option<CredentialId>,
        pack: Option<&Pack>,
    ) -> Option<Failure> {
        let wait = self.limit_ms(credential?);
        (wait > 0).then(|| {
            let message = format!(
                "{} takes no more requests of this credential for now; try again later or set retries.",
                pack.map_or("The service", |pack| pack.summary().name.as_str())
            );
            let mut failure = Failure::new(ErrorClass::RateLimit.code(), message).retryable();
            failure.retry_after_ms = Some(wait);
            failure
        })
    }

    /// Remembers what an answer says of the service's limit, for every request with the same credential.
    pub fn note_limit(
        &self,
        credential: Option<CredentialId>,
        pack: Option<&Pack>,
        headers: &HeaderMap,
        error: Option<&ServiceError>,
    ) {
        let Some(credential) = credential else { return };
        let wait = match error.map(|error| error.class) {
            // A 429, a 503 (RFC 9110 section 10.2.3), and the 403 by which some services refuse for their limit.
            Some(ErrorClass::RateLimit | ErrorClass::Server | ErrorClass::Permission) => {
                self.wait_of(pack, headers)
            }
            // A good answer may have been the last one for now. Its `Retry-After` is about what was asked for alone.
            _ => self.reset(pack, headers),
        };
        if let Some(wait) = wait {
            self.0.connectors.limits.note(credential, wait, self.now());
        }
    }

    /// How long the service wants to be left alone, in milliseconds.
    pub(in crate::engine) fn wait_of(&self, pack: Option<&Pack>, headers: &HeaderMap) -> Option<u64> {
        retry_after(headers, self.now()).or_else(|| self.reset(pack, headers))
    }

    /// How long to wait by the service's own header fields, once nothing is left; in milliseconds.
    fn reset(&self, pack: Option<&Pack>, headers: &HeaderMap) -> Option<u64> {
        let hint = pack?.connector().flero.rate_limit.as_ref()?;
        let field = |name: &Option<String>| Some(headers.get(name.as_deref()?)?.to_str().ok()?.trim());
        if field(&hint.remaining)?.parse::<i64>().ok()? > 0 {
            return None;
        }
        let reset = hint.reset_unit.millis(field(&hint.reset)?)?;
        let is_time = hint.reset_is_time || hint.reset_unit == TimeUnit::Rfc3339;
        let wait = if is_time { reset.saturating_sub(self.now().as_millis()) } else { reset };
        u64::try_from(wait).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_counts_until_it_is_over() {
        let (limits, at) = (Limits::default(), Timestamp::from_millis);
        let one = CredentialId::from_u128(1);
        limits.note(one, 5_000, at(0));
        limits.note(one, 1_000, at(0));
        assert_eq!((limits.wait_ms(one, at(0)), limits.wait_ms(one, at(4_999))), (5_000, 1));
        assert_eq!(limits.wait_ms(one, at(5_000)), 0);
        limits.note(one, u64::MAX, at(0));
        assert_eq!(limits.wait_ms(one, at(0)), MAX_LIMIT_MS.unsigned_abs());
    }
}
