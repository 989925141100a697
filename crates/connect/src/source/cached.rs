//! The store as a source of credentials, with rows kept for half a second.
//!
//! A busy workflow uses one credential thousands of times a second; reading its row each time would cost more
//! than the rest of the use. Half a second keeps the promise that a revoked right ends within one second on
//! every process; [`StoreSource::forget`] ends it at once in the process that made the change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use flero_model::{
    CredentialId, OrganizationId, Timestamp,
    audit::{AuditAction, NewAudit},
    organization_policies::OrganizationPolicies,
};
use flero_store::{Store, credentials::CredentialWithSecret};
use tokio::time::Instant;

use super::{CredentialSource, Unavailable};
use crate::outcome::UseOutcome;

/// How long a row may be used without asking the store again.
const KEPT_FOR: Duration = Duration::from_millis(500);

/// Policies and until when they may be used.
type Policies = HashMap<OrganizationId, (Arc<OrganizationPolicies>, Instant)>;

/// How many rows are kept; a row is a few kilobytes.
const MAX_KEPT: usize = 4096;

/// The rows that are kept.
struct Rows<T> {
    rows: HashMap<CredentialId, (T, Instant)>,
    /// Counts what was forgotten: what was read before is not kept after.
    generation: u64,
}

/// When a read began, in time and among the rows that were forgotten.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Instant,
    generation: u64,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { rows: HashMap::new(), generation: 0 }
    }
}

impl<T: Clone> Rows<T> {
    fn get(&self, id: CredentialId) -> Option<T> {
        self.rows.get(&id).filter(|(_, until)| *until > Instant::now()).map(|(row, _)| row.clone())
    }

    fn begin(&self) -> Reading {
        Reading { at: Instant::now(), generation: self.generation }
    }

    fn keep(&mut self, id: CredentialId, row: T, reading: Reading) {
        if self.generation != reading.generation {
            return;
        }
        if self.rows.len() >= MAX_KEPT {
            self.rows.retain(|_, (_, until)| *until > reading.at);
        }
        if self.rows.len() < MAX_KEPT {
            // Counted from before the read: a change that the read missed is not kept any longer than others.
            self.rows.insert(id, (row, reading.at + KEPT_FOR));
        }
    }

    fn forget(&mut self, id: CredentialId) {
        self.generation += 1;
        self.rows.remove(&id);
    }
}

/// A [`CredentialSource`] on a [`Store`].
pub struct StoreSource {
    store: Arc<dyn Store>,
    kept: Mutex<Rows<Arc<CredentialWithSecret>>>,
    policies: Mutex<Policies>,
}

impl StoreSource {
    /// A source on this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, kept: Mutex::default(), policies: Mutex::default() }
    }

    /// Forgets a row, because it was changed. To be called after the change is committed. A read that goes on
    /// meanwhile may have seen the row as it was, so nothing that is being read now is kept.
    pub fn forget(&self, id: CredentialId) {
        self.rows().forget(id);
    }

    /// Forgets what organizations allow, because it was changed.
    pub fn forget_policies(&self) {
        self.policies.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn rows(&self) -> MutexGuard<'_, Rows<Arc<CredentialWithSecret>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CredentialSource for StoreSource {
    async fn credential(&self, id: CredentialId) -> Result<Option<Arc<CredentialWithSecret>>, Unavailable> {
        let reading = {
            let rows = self.rows();
            if let Some(row) = rows.get(id) {
                return Ok(Some(row));
            }
            rows.begin()
        };
        match self.store.get_credential_with_secret(id).await {
            Ok(row) => {
                let row = Arc::new(row);
                self.rows().keep(id, Arc::clone(&row), reading);
                Ok(Some(row))
            }
            Err(flero_store::Error::NotFound) => Ok(None),
            Err(_) => Err(Unavailable),
        }
    }

    async fn policies(&self, organization: OrganizationId) -> Result<Arc<OrganizationPolicies>, Unavailable> {
        let begun = Instant::now();
        {
            let kept = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((policies, until)) = kept.get(&organization)
                && *until > begun
            {
                return Ok(Arc::clone(policies));
            }
        }
        let (policies, _) = self.store.organization_policies(organization).await.map_err(|_| Unavailable)?;
        let policies = Arc::new(policies);
        let mut kept = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(organization, (Arc::clone(&policies), begun + KEPT_FOR));
        Ok(policies)
    }

    async fn record(&self, event: NewAudit) -> Result<(), Unavailable> {
        self.store.append_audit(vec![event]).await.map_err(|_| Unavailable)
    }

    async fn store_outcome(&self, outcome: UseOutcome, at: Timestamp) -> Result<(), Unavailable> {
        let id = outcome.credential;
        self.store.append_audit(vec![outcome.record(at)]).await.map_err(|_| Unavailable)?;
        if outcome.action != AuditAction::CredentialUsed {
            return Ok(());
        }
        self.store.touch_credentials(vec![(id, at)]).await.map_err(|_| Unavailable)?;
        let Some(signal) = outcome.signal else { return Ok(()) };
        let Some(row) = self.credential(id).await? else { return Ok(()) };
        let Some(status) = signal.status_after(row.credential.status) else { return Ok(()) };
        let revision = outcome.detail.secret_revision.unwrap_or(row.credential.secret_revision);
        let change = outcome.status_change(row.credential.status, status, at);
        let noted = self.store.note_credential_status(id, revision, status, change).await;
        self.forget(id);
        noted.map(|_| ()).map_err(|_| Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 23: a change that comes between the read of a row and its keeping is not lost.
    #[test]
    fn a_row_that_was_read_before_a_change_is_not_kept_after_it() {
        let (one, two) = (CredentialId::from_u128(1), CredentialId::from_u128(2));
        let mut rows = Rows::default();
        let reading = rows.begin();
        rows.forget(one);
        rows.keep(one, "old", reading);
        assert_eq!(rows.get(one), None);
        let again = rows.begin();
        rows.keep(one, "new", again);
        rows.keep(two, "other", again);
        assert_eq!((rows.get(one), rows.get(two)), (Some("new"), Some("other")));
        rows.forget(one);
        assert_eq!((rows.get(one), rows.get(two)), (None, Some("other")));
    }
}
