//! The store as a source of credentials, with rows kept for half a second.
//!
//! A busy workflow uses one credential thousands of times a second; reading its row each time would cost more
//! than the rest of the use. Half a second keeps the promise that a revoked right ends within one second on
//! every process; [`StoreSource::forget`] ends it at once in the process that made the change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use flero_model::{
    CredentialId, Timestamp,
    audit::{AuditAction, NewAudit},
};
use flero_store::{Store, credentials::CredentialWithSecret};
use tokio::time::Instant;

use super::{CredentialSource, Unavailable};
use crate::outcome::UseOutcome;

/// How long a row may be used without asking the store again.
const KEPT_FOR: Duration = Duration::from_millis(500);

/// How many rows are kept; a row is a few kilobytes.
const MAX_KEPT: usize = 4096;

/// A [`CredentialSource`] on a [`Store`].
pub struct StoreSource {
    store: Arc<dyn Store>,
    kept: Mutex<HashMap<CredentialId, (Arc<CredentialWithSecret>, Instant)>>,
}

impl StoreSource {
    /// A source on this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, kept: Mutex::default() }
    }

    /// Forgets a row, because it was changed. To be called after the change is committed.
    pub fn forget(&self, id: CredentialId) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    fn kept(&self, id: CredentialId) -> Option<Arc<CredentialWithSecret>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&id).filter(|(_, until)| *until > Instant::now()).map(|(row, _)| Arc::clone(row))
    }

    fn keep(&self, id: CredentialId, row: &Arc<CredentialWithSecret>, read_at: Instant) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.retain(|_, (_, until)| *until > read_at);
        }
        if kept.len() < MAX_KEPT {
            // Counted from before the read: a change that the read missed is not kept any longer than others.
            kept.insert(id, (Arc::clone(row), read_at + KEPT_FOR));
        }
    }
}

#[async_trait]
impl CredentialSource for StoreSource {
    async fn credential(&self, id: CredentialId) -> Result<Option<Arc<CredentialWithSecret>>, Unavailable> {
        if let Some(row) = self.kept(id) {
            return Ok(Some(row));
        }
        let read_at = Instant::now();
        match self.store.get_credential_with_secret(id).await {
            Ok(row) => {
                let row = Arc::new(row);
                self.keep(id, &row, read_at);
                Ok(Some(row))
            }
            Err(flero_store::Error::NotFound) => Ok(None),
            Err(_) => Err(Unavailable),
        }
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
