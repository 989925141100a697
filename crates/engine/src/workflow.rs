//! A workflow version in the form that runs follow: parameters read, expressions parsed, the graph indexed.

mod cache;
mod scopes;

use std::{collections::HashMap, sync::Arc};

use flero_model::{
    CredentialId, WorkflowId,
    problem::FieldProblem,
    workflow::{Backoff, Graph, NodeType, OnUncertain, Settings, WorkflowDocument},
};
use serde_json::{Map, Value};

use crate::{
    Error, Result,
    params::{self, WebhookOptions, Work},
    template::{Field, Template},
};

pub(crate) use cache::Cache;
pub(crate) use scopes::Scopes;

/// A node's place in its version. Versions never change, so journals name nodes by it.
pub(crate) type NodeIndex = u32;

/// A workflow version, ready to run. It never changes; share it.
#[derive(Debug)]
pub struct CompiledWorkflow {
    /// The workflow.
    pub id: WorkflowId,
    /// The version.
    pub version: u64,
    /// Its name.
    pub name: Arc<str>,
    /// What holds for its runs.
    pub settings: Settings,
    pub(crate) nodes: Vec<CompiledNode>,
    pub(crate) edges: Vec<CompiledEdge>,
    pub(crate) scopes: Scopes,
    /// Place in a topological order, by node.
    pub(crate) rank: Vec<u32>,
    /// Whether any expression names `$env`, so that a run has to remember the variables.
    pub(crate) uses_env: bool,
    by_name: HashMap<Arc<str>, NodeIndex>,
}

/// One node.
#[derive(Debug)]
pub(crate) struct CompiledNode {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) kind: NodeType,
    pub(crate) work: Work,
    pub(crate) credential: Option<CredentialId>,
    pub(crate) retries: u32,
    pub(crate) retry_delay_ms: u64,
    pub(crate) backoff: Backoff,
    pub(crate) on_uncertain: OnUncertain,
    pub(crate) disabled: bool,
    /// Indexes of edges.
    pub(crate) incoming: Vec<u32>,
    pub(crate) outgoing: Vec<u32>,
    /// Whether an edge leaves by the `error` port.
    pub(crate) has_error_edge: bool,
}

/// One edge.
#[derive(Debug)]
pub(crate) struct CompiledEdge {
    pub(crate) from: NodeIndex,
    pub(crate) port: Arc<str>,
    pub(crate) to: NodeIndex,
}

/// Milliseconds before the first further attempt, unless told.
const DEFAULT_RETRY_DELAY_MS: u64 = 1_000;

impl CompiledWorkflow {
    /// Compiles a document.
    ///
    /// # Errors
    /// The faults of the graph and of the parameters, with pointers into the document.
    pub fn compile(
        id: WorkflowId,
        version: u64,
        document: &WorkflowDocument,
    ) -> std::result::Result<Self, Vec<FieldProblem>> {
        let mut problems = document.check();
        problems.extend(params::check(document));
        if !problems.is_empty() {
            return Err(problems);
        }
        let graph = Graph::of(document);
        let mut nodes = Vec::with_capacity(document.nodes.len());
        for (place, node) in document.nodes.iter().enumerate() {
            let (Some(work), _) = params::read(node, "") else { continue };
            let edge_indexes = |list: &[usize]| list.iter().map(|edge| index(*edge)).collect::<Vec<u32>>();
            nodes.push(CompiledNode {
                id: node.id.as_str().into(),
                name: node.name.as_str().into(),
                kind: node.kind,
                work,
                credential: node.credential_id,
                retries: node.retries.unwrap_or(0),
                retry_delay_ms: node.retry_delay_ms.unwrap_or(DEFAULT_RETRY_DELAY_MS),
                backoff: node.backoff.unwrap_or_default(),
                on_uncertain: node.on_uncertain.unwrap_or_default(),
                disabled: node.disabled,
                incoming: edge_indexes(&graph.incoming[place]),
                outgoing: edge_indexes(&graph.outgoing[place]),
                has_error_edge: graph.outgoing[place]
                    .iter()
                    .any(|edge| document.edges[*edge].from_port == "error"),
            });
        }
        let edges: Vec<CompiledEdge> = document
            .edges
            .iter()
            .zip(&graph.ends)
            .map(|(edge, (from, to))| CompiledEdge {
                from: index(*from),
                port: edge.from_port.as_str().into(),
                to: index(*to),
            })
            .collect();
        let mut rank = vec![0; nodes.len()];
        for (place, node) in graph.order().unwrap_or_default().into_iter().enumerate() {
            rank[node] = index(place);
        }
        let by_name =
            nodes.iter().enumerate().map(|(place, node)| (Arc::clone(&node.name), index(place))).collect();
        let uses_env = nodes.iter().any(|node| uses_env(&node.work));
        let scopes = Scopes::of(document, &graph);
        Ok(Self {
            id,
            version,
            name: document.name.as_str().into(),
            settings: document.settings.clone(),
            nodes,
            edges,
            scopes,
            rank,
            uses_env,
            by_name,
        })
    }

    /// Compiles the stored form of a version.
    pub(crate) fn from_stored(id: WorkflowId, version: u64, document: &str) -> Result<Self> {
        let broken = |problem: String| Error::Workflow { workflow: id, version, problem };
        let value: Value = serde_json::from_str(document).map_err(|_| broken("it is not JSON".to_owned()))?;
        let first = |problems: Vec<FieldProblem>| {
            broken(
                problems
                    .first()
                    .map_or_else(String::new, |first| format!("{}: {}", first.pointer, first.message)),
            )
        };
        let document = WorkflowDocument::parse(&value).map_err(first)?;
        Self::compile(id, version, &document).map_err(first)
    }

    /// The node with this display name.
    pub(crate) fn by_name(&self, name: &str) -> Option<NodeIndex> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn node(&self, index: NodeIndex) -> &CompiledNode {
        &self.nodes[index as usize]
    }

    pub(crate) fn edge(&self, index: u32) -> &CompiledEdge {
        &self.edges[index as usize]
    }

    /// The node that a run of a kind begins with; `None` asks for the Start node, or else the only trigger.
    pub(crate) fn entry(&self, kind: Option<NodeType>) -> Option<NodeIndex> {
        let find = |wanted: &dyn Fn(NodeType) -> bool| {
            self.nodes.iter().position(|node| wanted(node.kind)).map(index)
        };
        match kind {
            Some(kind) => find(&|found| found == kind),
            None => find(&|found| found == NodeType::Start).or_else(|| find(&NodeType::is_trigger)),
        }
    }

    /// What the WebhookTrigger says about the requests that it takes, and the inbound credential that it names.
    #[must_use]
    pub fn webhook(&self) -> Option<(&WebhookOptions, Option<CredentialId>)> {
        self.nodes.iter().find_map(|node| match &node.work {
            Work::Webhook(options, _) => Some((&**options, node.credential)),
            _ => None,
        })
    }

    /// The schedule of the ScheduleTrigger.
    #[must_use]
    pub fn schedule(&self) -> Option<&crate::schedule::Schedule> {
        self.nodes.iter().find_map(|node| match &node.work {
            Work::Schedule(schedule, _) => Some(&**schedule),
            _ => None,
        })
    }

    /// The event that the ConnectorTrigger waits for, and the credential that it names.
    #[must_use]
    pub fn event(&self) -> Option<(&params::EventOptions, Option<CredentialId>)> {
        self.nodes.iter().find_map(|node| match &node.work {
            Work::Event(options, _) => Some((&**options, node.credential)),
            _ => None,
        })
    }

    /// Which nodes refer to which credential, for [`flero_store::workflows::NewVersion`].
    #[must_use]
    pub fn credentials(&self) -> Vec<(String, CredentialId)> {
        self.nodes.iter().filter_map(|node| Some((node.id.to_string(), node.credential?))).collect()
    }
}

/// A place as it is kept. The model's limits on nodes and edges are far below 32 bits.
pub(crate) fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn uses_env(work: &Work) -> bool {
    let any =
        |templates: &[Option<&Template>]| templates.iter().flatten().any(|template| template.uses_env());
    match work {
        Work::Start(_) | Work::Webhook(..) | Work::Event(..) | Work::Merge(_) | Work::ErrorHandling(_) => {
            false
        }
        Work::Schedule(schedule, _) => any(&[schedule.payload.as_ref()]),
        Work::Http(work) => work.uses_env(),
        Work::Connector(work) => work.inputs.uses_env(),
        Work::Database(work) => {
            any(&[work.values.as_ref()])
                || [&work.max_rows, &work.timeout_ms].into_iter().any(Field::uses_env)
        }
        Work::If(conditions) => conditions.uses_env(),
        Work::Switch { value, cases } => value.uses_env() || cases.iter().any(|case| case.matches.uses_env()),
        Work::Loop(work) => {
            any(&[work.items.as_ref()])
                || [&work.from, &work.to].into_iter().any(Field::uses_env)
                || [&work.batch_size, &work.concurrency].into_iter().any(Field::uses_env)
        }
        Work::Set(work) => {
            any(&[work.fields.as_ref(), work.variables.as_ref()]) || work.keep_input.uses_env()
        }
        Work::Filter { items, conditions } => any(&[items.as_ref()]) || conditions.uses_env(),
        Work::Wait(params::WaitWork::Duration(field)) => field.uses_env(),
        Work::Wait(params::WaitWork::Until(field)) => field.uses_env(),
        Work::Code { timeout_ms, .. } => timeout_ms.uses_env(),
        Work::SubWorkflow { input, wait, .. } => any(&[input.as_ref()]) || wait.uses_env(),
        Work::Terminal(output) => any(&[output.as_ref()]),
    }
}

/// The workspace's variables as a run remembers them.
pub(crate) type Env = Arc<Map<String, Value>>;
