//! What an expression can see, and nothing else: there is no root for credentials, the process or its environment.

use crate::limits::Allowance;
use crate::value::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A name that begins with `$` and can start a reference. `$node` is apart, because it is asked by node name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Root {
    /// `$trigger`: what started the execution.
    Trigger,
    /// `$workflow`: facts about the workflow, and its `variables`.
    Workflow,
    /// `$env`: the variables of the workspace. Never the environment of the process.
    Env,
    /// `$input`: what the node receives.
    Input,
    /// `$item`: the current item of a loop.
    Item,
    /// `$index`: the number of the current item of a loop, from 0.
    Index,
    /// `$error`: the failure that an error path handles.
    Error,
}

impl Root {
    /// Every root.
    pub const ALL: [Self; 7] =
        [Self::Trigger, Self::Workflow, Self::Env, Self::Input, Self::Item, Self::Index, Self::Error];

    /// The name with its `$`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trigger => "$trigger",
            Self::Workflow => "$workflow",
            Self::Env => "$env",
            Self::Input => "$input",
            Self::Item => "$item",
            Self::Index => "$index",
            Self::Error => "$error",
        }
    }

    /// The root of a name such as `$input`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|root| root.name() == name)
    }
}

/// Gives an evaluation the values that its references start from.
///
/// Everything is asked for when it is used, and borrowed, so that large inputs are never copied.
pub trait Scope {
    /// The value of a root, or none where it does not exist, such as `$item` outside of a loop.
    fn root(&self, root: Root) -> Option<Value<'_>>;

    /// The output of the node with this display name, or none if there is no such node or it has not run.
    fn node(&self, name: &str) -> Option<Value<'_>>;

    /// The display names of the nodes that have an output, for messages; a few dozen are enough.
    fn node_names(&self) -> Vec<String>;

    /// The time that `now()` answers, in milliseconds since 1970-01-01T00:00:00Z. Without it there is no `now()`.
    fn now_ms(&self) -> Option<i64> {
        None
    }

    /// Steps that this evaluation shares with others, beside [`crate::Limits::max_steps`].
    fn allowance(&self) -> Option<&Allowance> {
        None
    }
}

/// A scope of ready documents: for tests, previews in the editor and small tools.
#[derive(Clone, Debug, Default)]
pub struct JsonScope {
    /// The roots that exist.
    pub roots: BTreeMap<Root, Json>,
    /// Outputs by display name.
    pub nodes: BTreeMap<String, Json>,
    /// The time of `now()`, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: Option<i64>,
}

impl Scope for JsonScope {
    fn root(&self, root: Root) -> Option<Value<'_>> {
        self.roots.get(&root).map(Value::from)
    }

    fn node(&self, name: &str) -> Option<Value<'_>> {
        self.nodes.get(name).map(Value::from)
    }

    fn node_names(&self) -> Vec<String> {
        self.nodes.keys().cloned().collect()
    }

    fn now_ms(&self) -> Option<i64> {
        self.now_ms
    }
}
