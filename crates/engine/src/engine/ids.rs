//! New execution identifiers.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

use flero_model::{ExecutionId, SubscriptionId, Timestamp};

/// Makes identifiers that do not meet. They are names and no secrets: every use of one is checked.
#[derive(Debug)]
pub(super) struct Ids {
    /// Each is SipHash with a key that the system's randomness chose.
    keys: [RandomState; 2],
    counter: AtomicU64,
}

impl Ids {
    pub(super) fn new() -> Self {
        Self { keys: [RandomState::new(), RandomState::new()], counter: AtomicU64::new(0) }
    }

    pub(super) fn execution(&self, now: Timestamp) -> ExecutionId {
        ExecutionId::new(now, self.next())
    }

    pub(super) fn subscription(&self, now: Timestamp) -> SubscriptionId {
        SubscriptionId::new(now, self.next())
    }

    fn next(&self) -> u128 {
        let count = self.counter.fetch_add(1, Ordering::Relaxed);
        let [high, low] = [&self.keys[0], &self.keys[1]].map(|key| u128::from(key.hash_one(count)));
        (high << 64) | low
    }
}
