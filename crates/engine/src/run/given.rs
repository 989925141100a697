//! What a run takes as given, for people who try what they build: outputs that nodes are taken to have, and the
//! one node that is carried out. It is part of the first record, so that a run that is restored sees the same.

use std::sync::Arc;

use serde_json::Value;

use super::{Finished, Run, State};
use crate::{
    Error, Given, Result,
    journal::{At, Ending},
    workflow::{CompiledWorkflow, NodeIndex, index},
};

/// What is taken as given, by the nodes' places.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken {
    /// The only node that is carried out.
    pub(crate) only: Option<NodeIndex>,
    /// The node, the port that it leaves by, and its output.
    pub(crate) outputs: Vec<(u32, Arc<str>, Arc<Value>)>,
}

impl Taken {
    /// Reads ids as places.
    ///
    /// # Errors
    /// [`Error::Given`] for an id that no node has, and for an only node inside a loop.
    pub(crate) fn read(workflow: &CompiledWorkflow, given: Given) -> Result<Self> {
        let place = |id: &str| {
            let found = workflow.nodes.iter().position(|node| *node.id == *id).map(index);
            found.ok_or(Error::Given("no node of the saved version has this id; save the workflow first"))
        };
        let only = given.only.as_deref().map(place).transpose()?;
        // In a loop a node exists once per iteration: which one is meant cannot be told.
        if only.is_some_and(|node| workflow.scopes.of[node as usize].0 != 0) {
            return Err(Error::Given(
                "a node inside a loop cannot be tested by itself; test the loop, or run the workflow",
            ));
        }
        let outputs = given.outputs.into_iter();
        let outputs = outputs.map(|(id, given)| Ok((place(&id)?, given.port.into(), Arc::new(given.output))));
        Ok(Self { only, outputs: outputs.collect::<Result<_>>()? })
    }
}

impl Run {
    /// The output that a node is taken to have. The only node of a run is always carried out.
    pub(super) fn given_output(&self, node: NodeIndex) -> Option<(Arc<str>, Arc<Value>)> {
        if self.given.only == Some(node) {
            return None;
        }
        let found = self.given.outputs.iter().find(|(place, ..)| *place == node);
        found.map(|(_, port, output)| (Arc::clone(port), Arc::clone(output)))
    }

    /// Whether the run begins where runs begin, and not at the only node that it is about.
    pub(super) fn begins_at_trigger(&self) -> bool {
        self.given.only.is_none() || self.workflow.node(self.entry).kind.is_trigger()
    }

    /// What the only node came to.
    pub(super) fn only_output(&self) -> Option<Arc<Value>> {
        match &self.cell(At(0, self.given.only?)).state {
            State::Done(done) => Some(Arc::clone(&done.output)),
            _ => None,
        }
    }

    /// Decides every node of the run but the only one: it has its given output, or is skipped.
    pub(super) fn preset(&mut self) {
        let workflow = Arc::clone(&self.workflow);
        let only = self.entry;
        for node in workflow.scopes.nodes[0].iter().filter(|node| **node != only) {
            let state = self.given_output(*node).map_or(State::Skipped, |(port, output)| {
                let error_context = (*port == *"error")
                    .then(|| output.get("error").map(|error| Arc::new(error.clone())))
                    .flatten();
                State::Done(Box::new(Finished {
                    ending: Ending::Success,
                    port,
                    output,
                    began: self.accepted,
                    ended: self.accepted,
                    attempts: 0,
                    maybe_duplicated: false,
                    error: None,
                    logs: Vec::new(),
                    error_context,
                }))
            });
            self.cell_mut(At(0, *node)).state = state;
        }
    }
}
