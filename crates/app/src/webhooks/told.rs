//! Secrets that services told to the URLs of events, until a person has looked at them. They are in this process alone: a
//! service that is asked tells its secret again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use flero_model::{SubscriptionId, Timestamp, secret::SecretString};

/// The most that are kept.
const MOST: usize = 1_000;
/// How long one is kept, in milliseconds: a person is at work with the service meanwhile.
const KEPT_MS: i64 = 3_600_000;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ToldSecrets(Mutex<HashMap<SubscriptionId, (SecretString, Timestamp)>>);

impl ToldSecrets {
    /// Keeps what was told last.
    pub(super) fn put(&self, of: SubscriptionId, secret: String, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (_, at)| now.as_millis() - at.as_millis() < KEPT_MS);
        if all.len() < MOST || all.contains_key(&of) {
            all.insert(of, (SecretString::new(secret), now));
        }
    }

    /// What was told last, if that is not long ago.
    pub(crate) fn get(&self, of: SubscriptionId, now: Timestamp) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (secret, at) = all.get(&of)?;
        (now.as_millis() - at.as_millis() < KEPT_MS).then(|| secret.expose().to_owned())
    }

    /// Forgets it: a person gave the secret.
    pub(crate) fn forget(&self, of: SubscriptionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_counts_for_an_hour() {
        let (told, at) = (ToldSecrets::default(), Timestamp::from_millis);
        let one = SubscriptionId::from_u128(1);
        told.put(one, "a".to_owned(), at(0));
        told.put(one, "b".to_owned(), at(1));
        assert_eq!(told.get(one, at(KEPT_MS)).as_deref(), Some("b"));
        assert_eq!(
            (told.get(one, at(KEPT_MS + 1)), told.get(SubscriptionId::from_u128(2), at(1))),
            (None, None)
        );
        told.forget(one);
        assert_eq!(told.get(one, at(1)), None);
        (0..2_000).for_each(|n| told.put(SubscriptionId::from_u128(n), "x".to_owned(), at(2)));
        assert!(told.0.lock().unwrap().len() <= MOST);
    }
}
