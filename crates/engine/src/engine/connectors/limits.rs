//! What services say of their limits, shared by everything that calls with the same credential: once a service takes no
//! more requests, the next call waits for it or is told so, instead of asking and being refused again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use flero_model::{CredentialId, Timestamp};

/// The most credentials whose limits are remembered.
const MOST: usize = 10_000;

/// A limit that is longer than a day is no limit of a rate.
const MAX_WAIT_MS: i64 = 86_400_000;

/// Until when which credential waits. In this process alone: another one learns it by its own next answer.
#[derive(Debug, Default)]
pub(in crate::engine) struct Limits {
    until: Mutex<HashMap<CredentialId, Timestamp>>,
}

impl Limits {
    /// Remembers that a service takes nothing for so long, in milliseconds.
    pub(in crate::engine) fn note(&self, credential: CredentialId, wait_ms: u64, now: Timestamp) {
        let wait = i64::try_from(wait_ms).unwrap_or(MAX_WAIT_MS).min(MAX_WAIT_MS);
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
        assert_eq!(limits.wait_ms(one, at(0)), MAX_WAIT_MS.unsigned_abs());
    }
}
