//! Compiled versions, kept so that no run compiles anything.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use flero_model::WorkflowId;

use super::CompiledWorkflow;

/// Compiled versions by workflow and version. A version never changes, so nothing is ever stale.
#[derive(Debug)]
pub(crate) struct Cache {
    kept: RwLock<HashMap<(WorkflowId, u64), Arc<CompiledWorkflow>>>,
    most: usize,
}

impl Cache {
    pub(crate) fn new(most: usize) -> Self {
        Self { kept: RwLock::default(), most: most.max(1) }
    }

    pub(crate) fn get(&self, id: WorkflowId, version: u64) -> Option<Arc<CompiledWorkflow>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(&(id, version)).cloned()
    }

    pub(crate) fn put(&self, workflow: Arc<CompiledWorkflow>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.most {
            // Which one goes hardly matters: a missing one is compiled again in microseconds.
            if let Some(key) = kept.keys().next().copied() {
                kept.remove(&key);
            }
        }
        kept.insert((workflow.id, workflow.version), workflow);
    }
}
