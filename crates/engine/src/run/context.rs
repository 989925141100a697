//! What the expressions of a node can see.

use std::sync::Arc;

use flero_expr::{Allowance, Root, Scope, Value as Seen};
use flero_model::Timestamp;
use serde_json::Value;

use super::{Run, State};
use crate::{journal::At, template::Unresolved};

/// How many names a message lists at most.
const NAMES: usize = 40;

/// The scope of one node's expressions.
pub(super) struct Context<'r> {
    run: &'r Run,
    at: At,
    input: &'r Value,
    error: Option<Arc<Value>>,
    /// The item that a Filter looks at; else the one of the innermost loop.
    item: Option<(&'r Value, usize)>,
    now: Timestamp,
    /// Whether its evaluations are paid for from the run's allowance.
    is_metered: bool,
}

impl<'r> Context<'r> {
    pub(super) fn new(run: &'r Run, at: At, input: &'r Value, now: Timestamp) -> Self {
        Self { run, at, input, error: run.error_context_of(at), item: None, now, is_metered: true }
    }

    /// The same scope for an evaluation that was paid for before and has to come to the same result.
    pub(super) fn paid(self) -> Self {
        Self { is_metered: false, ..self }
    }

    /// The same scope with another `$item` and `$index`.
    pub(super) fn with_item(&self, item: &'r Value, index: usize) -> Self {
        Self { error: self.error.clone(), item: Some((item, index)), ..*self }
    }

    /// `$error`.
    pub(super) fn error(&self) -> Option<&Value> {
        self.error.as_deref()
    }

    /// What an expression that cannot be resolved does in ordinary fields.
    pub(super) fn unresolved(&self) -> Unresolved {
        if self.run.workflow.settings.fail_on_expression_error { Unresolved::Fail } else { Unresolved::Text }
    }

    /// The output of a node as the nodes of this frame see it: from the same pass, or from around it.
    fn output(&self, node: u32) -> Option<&Value> {
        let (scope, _) = self.run.workflow.scopes.of[node as usize];
        let mut frame = self.at.0;
        let mut inside: Option<u32> = None;
        while self.run.frames[frame as usize].scope != scope {
            inside = Some(frame);
            frame = self.run.frames[frame as usize].parent?.0;
        }
        match &self.run.cell(At(frame, node)).state {
            State::Done(done) => Some(&done.output),
            // In its own body a loop's output is the item of this iteration.
            State::Active(_) => {
                let inside = &self.run.frames[inside? as usize];
                (inside.parent == Some(At(frame, node))).then_some(&*inside.item)
            }
            State::Idle | State::Skipped => None,
        }
    }

    fn item(&self) -> Option<(&Value, usize)> {
        if self.item.is_some() {
            return self.item;
        }
        let frame = &self.run.frames[self.at.0 as usize];
        frame.parent.map(|_| (&*frame.item, frame.index as usize))
    }
}

impl Scope for Context<'_> {
    fn root(&self, root: Root) -> Option<Seen<'_>> {
        match root {
            Root::Trigger => Some(Seen::from(&*self.run.input)),
            Root::Input => Some(Seen::from(self.input)),
            Root::Env => Some(Seen::from(&*self.run.env)),
            Root::Item => self.item().map(|(item, _)| Seen::from(item)),
            Root::Index => self.item().map(|(_, index)| Seen::from(index)),
            Root::Error => self.error.as_deref().map(Seen::from),
            Root::Workflow => {
                let workflow = &self.run.workflow;
                Some(Seen::object([
                    ("id", Seen::from(workflow.id.to_string())),
                    ("name", Seen::from(&*workflow.name)),
                    ("version", Seen::from(workflow.version)),
                    ("executionId", Seen::from(self.run.id.to_string())),
                    ("variables", Seen::from(&*self.run.variables)),
                ]))
            }
            _ => None,
        }
    }

    fn node(&self, name: &str) -> Option<Seen<'_>> {
        self.output(self.run.workflow.by_name(name)?).map(Seen::from)
    }

    fn node_names(&self) -> Vec<String> {
        let nodes = self.run.workflow.nodes.iter().enumerate();
        let known = nodes.filter(|(place, _)| self.output(crate::workflow::index(*place)).is_some());
        known.take(NAMES).map(|(_, node)| node.name.to_string()).collect()
    }

    fn now_ms(&self) -> Option<i64> {
        Some(self.now.as_millis())
    }

    fn allowance(&self) -> Option<&Allowance> {
        self.is_metered.then_some(&self.run.allowance)
    }
}
