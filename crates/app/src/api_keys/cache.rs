//! Keys that were presented lately, by their hash, so that a request does not wait for the database.
//!
//! A revocation in this process removes the entry at once. One in another process is noticed when the entry has
//! reached its age, which is below the second that SECURITY.md (test 61) allows.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use flero_model::{ApiKeyId, Timestamp, policy::Principal};
use ipnet::IpNet;

/// How long an entry is believed, in milliseconds.
const MAX_AGE_MS: i64 = 500;
/// How many entries are kept; beyond it all are forgotten, which costs one look-up each.
const MAX_ENTRIES: usize = 10_000;

/// What is known of a key that was presented.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) principal: Arc<Principal>,
    pub(crate) key: ApiKeyId,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) networks: Vec<IpNet>,
    read_at: Timestamp,
}

impl Known {
    pub(crate) fn new(
        principal: Principal,
        key: ApiKeyId,
        expires_at: Option<Timestamp>,
        networks: Vec<IpNet>,
        read_at: Timestamp,
    ) -> Self {
        Self { principal: Arc::new(principal), key, expires_at, networks, read_at }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct KeyCache {
    entries: RwLock<HashMap<[u8; 32], Arc<Known>>>,
    /// Counts removals: what was read before a removal is not put in after it.
    generation: AtomicU64,
    /// When each key's last use was noted.
    noted: RwLock<HashMap<ApiKeyId, Timestamp>>,
}

impl KeyCache {
    pub(crate) fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<Arc<Known>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(hash).filter(|known| (0..MAX_AGE_MS).contains(&now.millis_since(known.read_at))).cloned()
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Keeps an entry that was read in a generation, unless something was removed since.
    pub(crate) fn put(&self, hash: [u8; 32], known: Arc<Known>, generation: u64) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation() != generation {
            return;
        }
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
        entries.insert(hash, known);
    }

    /// Forgets all: what keys may do changed for many of them.
    pub(crate) fn forget_all(&self) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        entries.clear();
    }

    pub(crate) fn forget(&self, hash: &[u8; 32]) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        entries.remove(hash);
    }

    /// Whether the last use of a key is to be stored now: it is told to the accuracy of a minute.
    pub(crate) fn must_note(&self, key: ApiKeyId, now: Timestamp) -> bool {
        let fresh = |noted: &HashMap<ApiKeyId, Timestamp>| {
            noted.get(&key).is_some_and(|last| now.millis_since(*last) < 60_000)
        };
        if fresh(&self.noted.read().unwrap_or_else(PoisonError::into_inner)) {
            return false;
        }
        let mut noted = self.noted.write().unwrap_or_else(PoisonError::into_inner);
        if fresh(&noted) {
            return false;
        }
        if noted.len() >= MAX_ENTRIES {
            noted.clear();
        }
        noted.insert(key, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use flero_model::{
        OrganizationId, UserId, WorkspaceId,
        policy::Via,
        role::{OrganizationRole, Role},
    };

    use super::*;

    /// Security test 61: what was read before a revocation is not believed after it, whoever is faster.
    #[test]
    fn a_key_that_was_read_before_a_removal_is_not_kept_after_it() {
        let (cache, now) = (KeyCache::default(), Timestamp::from_millis(1_000));
        let known = || {
            let principal = Principal {
                user: UserId::from_u128(1),
                organization: OrganizationId::from_u128(2),
                organization_role: OrganizationRole::Member,
                workspace: WorkspaceId::from_u128(3),
                role: Role::Viewer,
                via: Via::Local,
            };
            Arc::new(Known::new(principal, ApiKeyId::from_u128(4), None, Vec::new(), now))
        };
        for forget in [|cache: &KeyCache| cache.forget(&[1; 32]), |cache: &KeyCache| cache.forget_all()] {
            let reading = cache.generation();
            forget(&cache);
            cache.put([1; 32], known(), reading);
            assert!(cache.get(&[1; 32], now).is_none());
            cache.put([1; 32], known(), cache.generation());
            assert!(cache.get(&[1; 32], now.plus_millis(MAX_AGE_MS - 1)).is_some());
            assert!(cache.get(&[1; 32], now.plus_millis(MAX_AGE_MS)).is_none(), "too old to be believed");
        }
    }
}
