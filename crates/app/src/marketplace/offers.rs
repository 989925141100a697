//! What registries offer, read from several at once and kept for a moment, so that looking through the Marketplace does
//! not ask every registry again with each word that is typed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use flero_marketplace::Entry;
use flero_model::{Timestamp, WorkspaceId, policy::Principal};
use flero_store::marketplace::StoredRegistry;
use futures_util::{StreamExt as _, stream};

use super::{Source, sentence};
use crate::App;

/// How many registries are read at the same time.
const AT_ONCE: usize = 4;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long what it offers is shown without asking again, in milliseconds.
const KEPT_MS: i64 = 60_000;
/// How long it is not asked again after it could not be read, in milliseconds.
const FAILED_KEPT_MS: i64 = 10_000;
/// The most that are kept. One is an index of a few megabytes at most.
const MOST: usize = 64;

/// What a registry offers, or why it cannot be read, for people.
pub(super) type Offered = Result<Arc<Vec<Entry>>, String>;

/// See the module. By workspace, because each has its own way to the world.
#[derive(Debug, Default)]
pub(crate) struct OfferCache(Mutex<HashMap<(WorkspaceId, String), (Offered, Timestamp)>>);

impl OfferCache {
    fn get(&self, workspace: WorkspaceId, registry: &str, now: Timestamp) -> Option<Offered> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (offered, at) = all.get(&(workspace, registry.to_owned()))?;
        is_fresh(offered, *at, now).then(|| offered.clone())
    }

    fn put(&self, workspace: WorkspaceId, registry: &str, offered: &Offered, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (offered, at)| is_fresh(offered, *at, now));
        if all.len() < MOST {
            all.insert((workspace, registry.to_owned()), (offered.clone(), now));
        }
    }

    /// Drops what is kept of a registry, in every workspace: it was added anew or removed.
    pub(super) fn forget(&self, registry: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, known), _| known != registry);
    }
}

fn is_fresh(offered: &Offered, at: Timestamp, now: Timestamp) -> bool {
    let kept = if offered.is_ok() { KEPT_MS } else { FAILED_KEPT_MS };
    (0..kept).contains(&(now.as_millis() - at.as_millis()))
}

impl App {
    /// What each of these registries offers, in their order.
    pub(super) async fn offers(
        &self,
        who: &Principal,
        registries: Vec<StoredRegistry>,
    ) -> Vec<(String, Offered)> {
        let each = registries.into_iter().map(|registry| async move {
            let offered = self.offer(who, &registry).await;
            (registry.id, offered)
        });
        stream::iter(each).buffered(AT_ONCE).collect().await
    }

    async fn offer(&self, who: &Principal, registry: &StoredRegistry) -> Offered {
        let cache = &self.0.offers;
        if let Some(known) = cache.get(who.workspace, &registry.id, self.now()) {
            return known;
        }
        let opened = tokio::time::timeout(PATIENCE, self.open_registry(who, registry)).await;
        let offered = match opened {
            Ok(Ok(source)) => Ok(Arc::new(match source {
                Source::Remote(registry) => registry.entries().to_vec(),
                Source::Community => Vec::new(),
            })),
            Ok(Err(fault)) => Err(sentence(&fault)),
            Err(_) => Err("The registry took too long to answer; try again later.".to_owned()),
        };
        if let Err(reason) = &offered {
            tracing::warn!(registry = %registry.id, reason, "a registry cannot be read");
        }
        cache.put(who.workspace, &registry.id, &offered, self.now());
        offered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_kept_for_a_minute_and_a_failure_for_a_moment() {
        let (cache, at) = (OfferCache::default(), Timestamp::from_millis);
        let (one, other) = (WorkspaceId::from_u128(1), WorkspaceId::from_u128(2));
        cache.put(one, "a", &Ok(Arc::default()), at(0));
        cache.put(one, "b", &Err("no".to_owned()), at(0));
        assert!(cache.get(one, "a", at(KEPT_MS - 1)).is_some_and(|offered| offered.is_ok()));
        assert!(cache.get(one, "b", at(FAILED_KEPT_MS - 1)).is_some_and(|offered| offered.is_err()));
        assert!(
            cache.get(one, "a", at(KEPT_MS)).is_none() && cache.get(one, "b", at(FAILED_KEPT_MS)).is_none()
        );
        assert!(cache.get(other, "a", at(0)).is_none(), "another workspace asks by itself");
        cache.forget("a");
        assert!(cache.get(one, "a", at(0)).is_none());
        (0..200).for_each(|n| cache.put(WorkspaceId::from_u128(n), "x", &Ok(Arc::default()), at(1)));
        assert!(cache.0.lock().unwrap().len() <= MOST);
    }
}
