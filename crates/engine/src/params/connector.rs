//! `Connector`: which operation of which connector is called with what.
//!
//! The inputs are those that the operation names, so what they may be is checked where the operation is known: when
//! a workflow is saved, and before a request is made.

use std::sync::Arc;

use flero_model::workflow::Node;
use serde_json::Value;

use super::{Reader, Work};
use crate::template::Template;

/// What a Connector node does.
#[derive(Debug, Clone)]
pub(crate) struct ConnectorWork {
    pub(crate) connector: Arc<str>,
    pub(crate) operation: Arc<str>,
    /// An object with the inputs by name.
    pub(crate) inputs: Template,
}

pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Work> {
    let inputs = reader.all(&Value::Object(node.parameters.clone()));
    Some(Work::Connector(Box::new(ConnectorWork {
        connector: node.connector.as_deref()?.into(),
        operation: node.operation.as_deref()?.into(),
        inputs,
    })))
}
