//! What a node is given: rebuilt from its predecessors, never stored.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Run, State};
use crate::{
    journal::At,
    params::{MergeMode, Work},
};

impl Run {
    /// The outputs that lead into a node over taken edges, in document order, with `$error` as it is behind them.
    fn taken(&self, at: At) -> Vec<(Arc<Value>, Option<Arc<Value>>, i64)> {
        let workflow = &self.workflow;
        let frame = &self.frames[at.0 as usize];
        let mut taken = Vec::with_capacity(1);
        for edge in &workflow.node(at.1).incoming {
            let edge = workflow.edge(*edge);
            if workflow.scopes.of[edge.from as usize].0 == frame.scope {
                let from = At(at.0, edge.from);
                if let State::Done(done) = &self.cell(from).state
                    && self.is_taken(from, &edge.port)
                {
                    taken.push((
                        Arc::clone(&done.output),
                        done.error_context.clone(),
                        done.ended.as_millis(),
                    ));
                }
            } else if let Some(parent) = frame.parent.filter(|parent| parent.1 == edge.from) {
                // The edge from a loop into its body carries the item of this iteration.
                taken.push((Arc::clone(&frame.item), self.error_context_of(parent), i64::MIN));
            }
        }
        taken
    }

    /// What a node is given: what the one taken edge brings; of several, the members of all objects together
    /// (later edges win), or an array where one of them is no object.
    pub(super) fn input_of(&self, at: At) -> Arc<Value> {
        if at == At(0, self.entry) && self.begins_at_trigger() {
            return Arc::clone(&self.input);
        }
        let mut taken = self.taken(at);
        if taken.len() < 2 {
            return taken.pop().map(|(value, ..)| value).unwrap_or_default();
        }
        match self.workflow.node(at.1).work {
            Work::Merge(MergeMode::First) => {
                let first = taken.into_iter().min_by_key(|(.., ended)| *ended);
                first.map(|(value, ..)| value).unwrap_or_default()
            }
            Work::Merge(MergeMode::Append) => {
                Arc::new(Value::Array(taken.iter().map(|(value, ..)| (**value).clone()).collect()))
            }
            _ => Arc::new(joined(&taken.into_iter().map(|(value, ..)| value).collect::<Vec<_>>())),
        }
    }

    /// Every output that leads into a node, for Merge nodes.
    pub(super) fn inputs_of(&self, at: At) -> Vec<Arc<Value>> {
        self.taken(at).into_iter().map(|(value, ..)| value).collect()
    }

    /// `$error` of a node: that of the first taken edge that has one; for a run of an ErrorTrigger, the error that
    /// it was given.
    pub(super) fn error_context_of(&self, at: At) -> Option<Arc<Value>> {
        if at == At(0, self.entry) && self.begins_at_trigger() {
            let is_error = self.workflow.node(at.1).kind == flero_model::workflow::NodeType::ErrorTrigger;
            return is_error.then(|| self.input.get("error").cloned().map(Arc::new)).flatten();
        }
        self.taken(at).into_iter().find_map(|(_, error, _)| error)
    }
}

fn joined(values: &[Arc<Value>]) -> Value {
    let objects: Option<Vec<&Map<String, Value>>> = values.iter().map(|value| value.as_object()).collect();
    match objects {
        Some(objects) => {
            let mut all = Map::new();
            for object in objects {
                all.extend(object.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            Value::Object(all)
        }
        None => Value::Array(values.iter().map(|value| (**value).clone()).collect()),
    }
}
