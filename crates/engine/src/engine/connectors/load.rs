//! Connectors and operations that are in use, kept so that a call costs no reading.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use flero_model::WorkspaceId;
use flero_openapi::{Pack, connector::Operation, validate::Validator};
use serde_json::Value;

use super::{super::Engine, limits::Limits};
use crate::failure::Failure;

/// How many connectors are kept.
const MOST_PACKS: usize = 32;
/// How many operations are kept.
const MOST_OPERATIONS: usize = 256;

/// An operation that can be called.
#[derive(Debug)]
pub(in crate::engine) struct Ready {
    pub(in crate::engine) pack: Arc<Pack>,
    pub(in crate::engine) operation: Operation,
    pub(in crate::engine) validator: Validator,
    /// The schemas that the answer's schema names, where answers in XML are led by it.
    pub(in crate::engine) answers: BTreeMap<String, Value>,
}

/// A connector of a workspace, and an operation of it.
type Name = (WorkspaceId, String, String);

/// See the module.
#[derive(Debug, Default)]
pub(in crate::engine) struct Loaded {
    packs: Mutex<HashMap<(WorkspaceId, String), Arc<Pack>>>,
    operations: Mutex<HashMap<Name, Arc<Ready>>>,
    pub(in crate::engine) limits: Limits,
}

impl Engine {
    /// A connector: one of the workspace's own, else a built-in one. `None` when there is none of that name.
    ///
    /// # Errors
    /// [`flero_store::Error`]; a stored connector that cannot be read back is [`flero_store::Error::Corrupt`].
    pub async fn connector(
        &self,
        workspace: WorkspaceId,
        id: &str,
    ) -> Result<Option<Arc<Pack>>, flero_store::Error> {
        let name = (workspace, id.to_owned());
        let packs = &self.0.connectors.packs;
        if let Some(pack) = packs.lock().unwrap_or_else(PoisonError::into_inner).get(&name) {
            return Ok(Some(Arc::clone(pack)));
        }
        let pack = match self.0.store.get_connector(workspace, id).await {
            Ok(bytes) => {
                let opened = Pack::open(bytes);
                Some(opened.map_err(|_| flero_store::Error::Corrupt { what: "a connector" })?)
            }
            Err(flero_store::Error::NotFound) => flero_catalog::get(id),
            Err(error) => return Err(error),
        };
        let Some(pack) = pack.map(Arc::new) else { return Ok(None) };
        let mut packs = packs.lock().unwrap_or_else(PoisonError::into_inner);
        if packs.len() >= MOST_PACKS {
            packs.clear();
        }
        packs.insert(name, Arc::clone(&pack));
        Ok(Some(pack))
    }

    /// Drops what is kept of a connector: it was imported anew or removed.
    pub fn connector_changed(&self, workspace: WorkspaceId, id: &str) {
        let loaded = &self.0.connectors;
        let mut packs = loaded.packs.lock().unwrap_or_else(PoisonError::into_inner);
        packs.remove(&(workspace, id.to_owned()));
        let mut operations = loaded.operations.lock().unwrap_or_else(PoisonError::into_inner);
        operations.retain(|(of, connector, _), _| *of != workspace || connector != id);
    }

    /// An operation with its validator.
    pub(in crate::engine) async fn operation(
        &self,
        workspace: WorkspaceId,
        connector: &str,
        operation: &str,
    ) -> Result<Arc<Ready>, Failure> {
        let name = (workspace, connector.to_owned(), operation.to_owned());
        let kept = &self.0.connectors.operations;
        if let Some(ready) = kept.lock().unwrap_or_else(PoisonError::into_inner).get(&name) {
            return Ok(Arc::clone(ready));
        }
        let missing = |what: &str| {
            Failure::new("connector.not_available", format!("There is no such {what} any more."))
        };
        let damaged = |_| Failure::new("connector.damaged", "The connector cannot be read; import it again.");
        let pack = self.connector(workspace, connector).await.map_err(|error| {
            Failure::new("store.unavailable", format!("The connector could not be read: {error}."))
                .retryable()
        })?;
        let pack = pack.ok_or_else(|| missing("connector"))?;
        let found = pack.operation(operation).map_err(damaged)?.ok_or_else(|| missing("operation"))?;
        let schemas = pack.schemas_of(&found.input).map_err(damaged)?;
        let validator = Validator::of(&found, &schemas);
        // Only XML is read by the answer's schema; for all others there is nothing to keep.
        let answers = match found.output.as_ref().filter(|_| found.answers_xml) {
            Some(output) => pack.schemas_of(output).map_err(damaged)?,
            None => BTreeMap::new(),
        };
        let ready = Arc::new(Ready { pack, operation: found, validator, answers });
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_OPERATIONS {
            kept.clear();
        }
        kept.insert(name, Arc::clone(&ready));
        Ok(ready)
    }
}
