//! When an effect is tried again, and after how long.

use flero_model::{Timestamp, workflow::Backoff};

use super::{Run, context::Context};
use crate::{
    failure::{Class, Failure},
    journal::At,
    params::{RetryOn, Work},
};

/// The longest delay between two attempts that the backoff gives, in milliseconds.
const MAX_DELAY_MS: u64 = 15 * 60_000;
/// The longest delay that a service can ask for with `Retry-After`, in milliseconds.
const MAX_RETRY_AFTER_MS: u64 = 60 * 60_000;

/// How an effect is tried again.
#[derive(Debug, Clone, Copy)]
struct Policy {
    retries: u32,
    delay_ms: u64,
    backoff: Backoff,
    on: RetryOn,
}

impl Run {
    fn retry_policy(&self, at: At, now: Timestamp) -> Policy {
        let node = self.workflow.node(at.1);
        let mut policy = Policy {
            retries: node.retries,
            delay_ms: node.retry_delay_ms,
            backoff: node.backoff,
            on: RetryOn::All,
        };
        if let Work::Http(work) = &node.work {
            policy.on = work.retry_on;
            let input = self.input_of(at);
            let context = Context::new(self, at, &input, now);
            // The request's own fields go before the node's; one that cannot be computed counts as absent.
            let own = |field: &Option<crate::template::Field<u64>>| {
                field.as_ref().and_then(|field| field.get(&context).ok())
            };
            if let Some(retries) = own(&work.retries) {
                policy.retries = u32::try_from(retries).unwrap_or(0);
            }
            policy.delay_ms = own(&work.retry_delay_ms).unwrap_or(policy.delay_ms);
            policy.backoff = work.backoff.unwrap_or(policy.backoff);
        }
        policy
    }

    /// When the next attempt of a failed effect begins; `None` when there is none.
    pub(super) fn next_attempt(
        &self,
        at: At,
        attempt: u32,
        failure: &Failure,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let policy = self.retry_policy(at, now);
        if attempt > policy.retries || !is_retried(policy.on, failure) {
            return None;
        }
        let seed =
            self.id.as_u128() as u64 ^ (u64::from(at.0) << 40) ^ (u64::from(at.1) << 8) ^ u64::from(attempt);
        let asked = failure.retry_after_ms.unwrap_or(0).min(MAX_RETRY_AFTER_MS);
        let delay = delay_ms(policy.delay_ms, policy.backoff, attempt, seed).max(asked);
        Some(now.plus_millis(i64::try_from(delay).unwrap_or(i64::MAX)))
    }
}

/// Whether a failure is one of those that are tried again.
fn is_retried(on: RetryOn, failure: &Failure) -> bool {
    match (on, failure.status) {
        (_, Some(500..=599)) => true,
        (RetryOn::All, Some(_)) => true,
        (_, Some(_)) => false,
        (RetryOn::All, None) => failure.retryable,
        (RetryOn::ServerErrorsAndTimeouts, None) => failure.retryable && failure.class == Class::Timeout,
        (RetryOn::ServerErrors, None) => false,
    }
}

/// The delay after an attempt: the base, doubled each time where the backoff is exponential, and of that one half
/// fixed and one half random, so that many runs that failed together do not come back together ("equal jitter",
/// Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). The randomness comes from the seed,
/// so that the decision can be repeated.
fn delay_ms(base: u64, backoff: Backoff, attempt: u32, seed: u64) -> u64 {
    let factor = match backoff {
        Backoff::Fixed => 1,
        Backoff::Exponential => 1_u64.checked_shl(attempt.saturating_sub(1)).unwrap_or(u64::MAX),
    };
    let whole = base.saturating_mul(factor).min(MAX_DELAY_MS.max(base));
    let half = whole / 2;
    whole - half + if half == 0 { 0 } else { mix(seed) % (half + 1) }
}

/// A well-mixed number from a seed: the finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
fn mix(seed: u64) -> u64 {
    let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_as_told_and_keep_between_half_and_whole() {
        for seed in 0..1_000 {
            assert!((500..=1_000).contains(&delay_ms(1_000, Backoff::Fixed, 5, seed)));
            assert!((2_000..=4_000).contains(&delay_ms(1_000, Backoff::Exponential, 3, seed)));
            assert!(delay_ms(1_000, Backoff::Exponential, 60, seed) <= MAX_DELAY_MS);
            assert_eq!(delay_ms(0, Backoff::Exponential, 3, seed), 0);
        }
        // Without jitter all seeds would give one delay.
        let different: std::collections::HashSet<u64> =
            (0..100).map(|seed| delay_ms(10_000, Backoff::Fixed, 1, seed)).collect();
        assert!(different.len() > 50);
    }
}
