//! What active paths lead to.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use flero_model::{CredentialId, Timestamp, WorkflowId, WorkspaceId};

use super::Hook;

/// How long an entry is believed, in milliseconds: other processes may have changed it.
const MAX_AGE_MS: i64 = 500;
/// How many paths are kept.
const MAX_ENTRIES: usize = 10_000;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct HookCache {
    entries: RwLock<HashMap<String, Arc<Hook>>>,
    /// Counts removals: what was read before one is not put in after it.
    generation: AtomicU64,
}

impl HookCache {
    pub(super) fn get(&self, path: &str, now: Timestamp) -> Option<Arc<Hook>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(path).filter(|hook| (0..MAX_AGE_MS).contains(&now.millis_since(hook.read_at))).cloned()
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    pub(super) fn put(&self, path: &str, hook: Arc<Hook>, generation: u64) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation() != generation {
            return;
        }
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
        entries.insert(path.to_owned(), hook);
    }

    pub(crate) fn forget_workflow(&self, id: WorkflowId) {
        self.forget(|hook| hook.compiled.id == id);
    }

    pub(crate) fn forget_workspace(&self, id: WorkspaceId) {
        self.forget(|hook| hook.workspace == id);
    }

    pub(crate) fn forget_credential(&self, id: CredentialId) {
        self.forget(|hook| hook.credential.as_ref().is_some_and(|credential| credential.id == id));
    }

    fn forget(&self, changed: impl Fn(&Hook) -> bool) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        entries.retain(|_, hook| !changed(hook));
    }
}
