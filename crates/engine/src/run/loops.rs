//! Loops: what they repeat over, and their iterations.

use std::sync::Arc;

use flero_model::Timestamp;
use serde_json::{Value, json};

use super::{Doing, MAX_ITERATIONS, Run, Task, context::Context};
use crate::{
    failure::Failure,
    journal::At,
    params::{LoopMode, Work},
    template::Unresolved,
    workflow::index,
};

/// What a loop repeats over. An item is copied out when its iteration begins.
#[derive(Debug, Default)]
pub(super) enum Items {
    #[default]
    None,
    /// Elements of an array.
    Array(Arc<Value>),
    /// Members of an object, as `{"key","value"}`.
    Object(Arc<Value>),
    /// Whole numbers from the first on.
    Range(i64, usize),
    /// Slices of an array.
    Batch(Arc<Value>, usize),
}

impl Items {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Array(value) => value.as_array().map_or(0, Vec::len),
            Self::Object(value) => value.as_object().map_or(0, serde_json::Map::len),
            Self::Range(_, count) => *count,
            Self::Batch(value, size) => value.as_array().map_or(0, |items| items.len().div_ceil(*size)),
        }
    }

    fn get(&self, place: usize) -> Arc<Value> {
        let item = match self {
            Self::None => None,
            Self::Array(value) => value.get(place).cloned(),
            Self::Object(value) => value.as_object().and_then(|members| {
                members.iter().nth(place).map(|(key, value)| json!({"key": key, "value": value}))
            }),
            Self::Range(from, _) => i64::try_from(place).ok().map(|place| json!(from.saturating_add(place))),
            Self::Batch(value, size) => value
                .as_array()
                .and_then(|items| items.chunks(*size).nth(place).map(|slice| Value::Array(slice.to_vec()))),
        };
        Arc::new(item.unwrap_or_default())
    }
}

/// A loop that goes on.
#[derive(Debug)]
pub(super) struct Looping {
    items: Items,
    count: u32,
    parallel: u32,
    next: u32,
    running: u32,
    /// The frames of its iterations, in order.
    pub(super) frames: Vec<u32>,
}

impl Looping {
    pub(super) fn new(items: Items, count: u32, parallel: u32) -> Self {
        Self { items, count, parallel, next: 0, running: 0, frames: Vec::new() }
    }

    /// Whether another iteration may begin now.
    pub(super) fn may_iterate(&self) -> bool {
        self.next < self.count && self.running < self.parallel
    }

    /// Whether every iteration is over.
    pub(super) fn is_over(&self) -> bool {
        self.next == self.count && self.running == 0
    }
}

impl Run {
    pub(super) fn looping(&self, at: At) -> Option<&Looping> {
        match &self.active(at)?.doing {
            Doing::Loop(looping) => Some(looping),
            _ => None,
        }
    }

    fn looping_mut(&mut self, at: At) -> Option<&mut Looping> {
        match &mut self.active_mut(at)?.doing {
            Doing::Loop(looping) => Some(looping),
            _ => None,
        }
    }

    /// What a loop repeats over, and how many iterations go on at once. Asked again on every restore, with the
    /// time at which the loop began, so that the items need not be stored; that time it `is_paid` for.
    pub(super) fn loop_items(
        &self,
        at: At,
        began: Timestamp,
        is_paid: bool,
    ) -> Result<(Items, u32), Failure> {
        let Work::Loop(work) = &self.workflow.node(at.1).work else { return Ok((Items::None, 1)) };
        let input = self.input_of(at);
        let context = Context::new(self, at, &input, began);
        let context = if is_paid { context.paid() } else { context };
        let items = match &work.items {
            Some(template) => template.eval(&context, Unresolved::Fail)?,
            None => Arc::clone(&input),
        };
        let array = |items: Arc<Value>| {
            if items.is_array() { Ok(items) } else { Err(wrong_items("an array", &items)) }
        };
        let found = match work.mode {
            LoopMode::Array | LoopMode::Parallel => Items::Array(array(items)?),
            LoopMode::Batch => {
                let size = usize::try_from(work.batch_size.get(&context)?).unwrap_or(usize::MAX);
                Items::Batch(array(items)?, size.max(1))
            }
            LoopMode::Object if items.is_object() => Items::Object(items),
            LoopMode::Object => return Err(wrong_items("an object", &items)),
            LoopMode::Range => {
                let (from, to) = (work.from.get(&context)?, work.to.get(&context)?);
                // Both ends are part of the range; an end before the begin is an empty range.
                let count = to.saturating_sub(from).saturating_add(1).max(0);
                Items::Range(from, usize::try_from(count).unwrap_or(usize::MAX))
            }
        };
        if found.len() > MAX_ITERATIONS {
            let message = format!(
                "The loop would repeat {} times; the most is {MAX_ITERATIONS}. Use batches.",
                found.len()
            );
            return Err(Failure::new("node.too_many_iterations", message));
        }
        let parallel = if work.mode == LoopMode::Parallel { work.concurrency.get(&context)? } else { 1 };
        Ok((found, u32::try_from(parallel).unwrap_or(1).max(1)))
    }

    /// Opens the frame of the next iteration and lets its first nodes become ready.
    pub(super) fn open_iteration(&mut self, at: At) {
        let Some(scope) = self.workflow.scopes.body[at.1 as usize] else { return };
        let Some(looping) = self.looping_mut(at) else { return };
        let number = looping.next;
        let item = looping.items.get(number as usize);
        looping.next += 1;
        looping.running += 1;
        let frame = self.open_frame(Some(at), number, scope, item);
        if let Some(looping) = self.looping_mut(at) {
            looping.frames.push(frame);
        }
        let workflow = Arc::clone(&self.workflow);
        if workflow.scopes.nodes[scope as usize].is_empty() {
            self.iteration_over(at);
        }
        for edge in &workflow.node(at.1).outgoing {
            let edge = workflow.edge(*edge);
            if &*edge.port == "loop" {
                self.decide(At(frame, edge.to), true);
            }
        }
    }

    /// One iteration is over: the loop is looked at.
    pub(super) fn iteration_over(&mut self, at: At) {
        if let Some(looping) = self.looping_mut(at) {
            looping.running = looping.running.saturating_sub(1);
            self.ready.push_back(Task::Loop(at));
        }
    }

    /// What the iterations returned, in order. An iteration that failed gives null, one without a body its item.
    pub(super) fn loop_results(&self, at: At) -> Arc<Value> {
        let Some(looping) = self.looping(at) else { return Arc::default() };
        let results = looping.frames.iter().map(|frame| {
            if self.frames[*frame as usize].cells.is_empty() {
                return (*self.frames[*frame as usize].item).clone();
            }
            self.frame_output(*frame).map_or(Value::Null, |output| (*output).clone())
        });
        Arc::new(Value::Array(results.collect()))
    }

    /// The place of a frame in the enclosing loops, outermost first.
    pub(crate) fn iteration(&self, mut frame: u32) -> Vec<u32> {
        let mut path = Vec::new();
        while let Some(parent) = self.frames[frame as usize].parent {
            path.push(self.frames[frame as usize].index);
            frame = parent.0;
        }
        path.reverse();
        path
    }
}

fn wrong_items(wanted: &str, found: &Value) -> Failure {
    let kind = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    let message = format!(
        "The loop repeats over {wanted}, but `items` is {kind}. Choose another mode or another field."
    );
    Failure::new("node.items", message)
}

/// The count of a loop as the journal holds it.
pub(super) fn count_of(items: &Items) -> u32 {
    index(items.len())
}
