//! What each node type takes: read once, checked at save, compiled for runs.
//!
//! There is one reader per type, so that what is accepted at save is exactly what a run understands. A value
//! that holds an expression is checked for its syntax here and for its type when the node runs.

mod connector;
mod database;
mod event;
mod http;
mod logic;
mod reader;
mod steps;
mod trigger;

use flero_model::{
    problem::FieldProblem,
    workflow::{Node, NodeType, WorkflowDocument},
};

pub(crate) use connector::ConnectorWork;
pub(crate) use database::DatabaseWork;
pub use event::EventOptions;
pub(crate) use http::{BodyType, HttpWork, METHODS, Pagination, Paging, ResponseFormat, RetryOn, Slot};
pub(crate) use logic::{Conditions, SwitchCase, text_of, wildcard_matches};
pub(crate) use reader::Reader;
pub(crate) use steps::{ErrorRule, LoopMode, LoopWork, MergeMode, SetWork, WaitWork};
pub use trigger::{PayloadType, ResponseMode, WebhookOptions};
pub(crate) use trigger::{TriggerOptions, WhenFull};

use crate::{
    schedule::Schedule,
    template::{Field, Template},
};
use std::sync::Arc;

/// A node's parameters in the form that a run follows.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    /// A Start or ErrorTrigger node: passes on what the run was given.
    Start(TriggerOptions),
    Webhook(Arc<WebhookOptions>, TriggerOptions),
    Schedule(Box<Schedule>, TriggerOptions),
    Event(Box<EventOptions>, TriggerOptions),
    Http(Box<HttpWork>),
    Connector(Box<ConnectorWork>),
    Database(Box<DatabaseWork>),
    If(Conditions),
    Switch {
        value: Template,
        cases: Vec<SwitchCase>,
    },
    Loop(Box<LoopWork>),
    Merge(MergeMode),
    Set(SetWork),
    Filter {
        items: Option<Template>,
        conditions: Conditions,
    },
    Wait(WaitWork),
    Code {
        source: Arc<str>,
        timeout_ms: Field<u64>,
    },
    SubWorkflow {
        workflow: flero_model::WorkflowId,
        input: Option<Template>,
        wait: Field<bool>,
    },
    ErrorHandling(Vec<ErrorRule>),
    Terminal(Option<Template>),
}

/// Every fault of the nodes' parameters and of the ports that edges name. Together with
/// [`WorkflowDocument::check`] an empty list means that the document can be saved and run.
#[must_use]
pub fn check(document: &WorkflowDocument) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    for (place, node) in document.nodes.iter().enumerate() {
        let (work, found) = read(node, &format!("/nodes/{place}"));
        problems.extend(found);
        for (edge_place, edge) in document.edges.iter().enumerate().filter(|(_, edge)| edge.from == node.id) {
            let ports = ports(node, &work);
            if !ports.contains(&edge.from_port) {
                problems.push(FieldProblem::new(
                    format!("/edges/{edge_place}/fromPort"),
                    "node.unknown_port",
                    format!(
                        "A {} node has no such port here. It has: {}.",
                        node.kind.as_str(),
                        ports.join(", ")
                    ),
                ));
            }
        }
    }
    problems
}

/// Reads a node's parameters. Where there are faults, the work is not to be used.
pub(crate) fn read(node: &Node, at: &str) -> (Option<Work>, Vec<FieldProblem>) {
    let mut reader = Reader::new(node, &format!("{at}/parameters"));
    let work = match node.kind {
        NodeType::Start | NodeType::ErrorTrigger => {
            let options = trigger::options(&mut reader);
            reader.finish();
            Some(Work::Start(options))
        }
        NodeType::WebhookTrigger => trigger::webhook(&mut reader),
        NodeType::ScheduleTrigger => trigger::schedule(&mut reader),
        NodeType::ConnectorTrigger => event::read(&mut reader, node),
        NodeType::HttpRequest => http::read(&mut reader, node),
        NodeType::Connector => connector::read(&mut reader, node),
        NodeType::Database => database::read(&mut reader, node),
        NodeType::If => logic::read_if(&mut reader),
        NodeType::Switch => logic::read_switch(&mut reader),
        NodeType::Filter => logic::read_filter(&mut reader),
        NodeType::Loop => steps::read_loop(&mut reader),
        NodeType::Merge => steps::read_merge(&mut reader),
        NodeType::Set => steps::read_set(&mut reader),
        NodeType::Wait => steps::read_wait(&mut reader),
        NodeType::Code => steps::read_code(&mut reader),
        NodeType::SubWorkflow => steps::read_sub_workflow(&mut reader),
        NodeType::ErrorHandling => steps::read_error_handling(&mut reader),
        NodeType::Terminal => steps::read_terminal(&mut reader),
    };
    let problems = reader.into_problems();
    (work.filter(|_| problems.is_empty()), problems)
}

/// The output ports of a node. Every node that can fail has `error`.
pub(crate) fn ports(node: &Node, work: &Option<Work>) -> Vec<String> {
    let mut ports: Vec<String> = match (node.kind, work) {
        (NodeType::If, _) => vec!["true".into(), "false".into()],
        (NodeType::Switch, Some(Work::Switch { cases, .. })) => {
            cases.iter().map(|case| case.port.to_string()).chain(["default".to_owned()]).collect()
        }
        (NodeType::ErrorHandling, Some(Work::ErrorHandling(rules))) => {
            rules.iter().map(|rule| rule.port.to_string()).chain(["default".to_owned()]).collect()
        }
        (NodeType::Loop, _) => vec!["loop".into(), "done".into()],
        (NodeType::Filter, _) => vec!["output".into(), "dropped".into()],
        // Without readable parameters the ports are not known; the parameters' own faults are told.
        (NodeType::Switch | NodeType::ErrorHandling, _) => Vec::new(),
        _ => vec!["output".into()],
    };
    ports.dedup();
    if !node.kind.is_trigger() {
        ports.push("error".into());
    }
    ports
}

#[cfg(test)]
mod tests;
