//! Checks of the graph: names, references, triggers, cycles, loop bodies.

use std::collections::HashMap;

use super::{ErrorPolicy, Graph, NodeType, WorkflowDocument};
use crate::problem::FieldProblem;

impl WorkflowDocument {
    /// Every fault of the graph. An empty list means that a run can follow it.
    #[must_use]
    pub fn check(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        self.check_names(&mut problems);
        self.check_ends(&mut problems);
        self.check_triggers(&mut problems);
        let graph = Graph::of(self);
        if graph.order().is_none() {
            problems.push(FieldProblem::new(
                "/edges",
                "workflow.cycle",
                "The edges form a cycle. Remove one of them; to repeat steps, use a Loop node.",
            ));
        } else {
            self.check_loops(&graph, &mut problems);
        }
        if self.settings.error_policy == ErrorPolicy::Workflow && self.settings.error_workflow_id.is_none() {
            problems.push(FieldProblem::new(
                "/settings/errorWorkflowId",
                "workflow.error_workflow_missing",
                "Name the workflow that is to run on an error, or choose another errorPolicy.",
            ));
        }
        problems
    }

    fn check_names(&self, problems: &mut Vec<FieldProblem>) {
        let mut ids: HashMap<&str, usize> = HashMap::new();
        let mut names: HashMap<&str, usize> = HashMap::new();
        for (place, node) in self.nodes.iter().enumerate() {
            if ids.insert(&node.id, place).is_some() {
                let message = "Another node has this id; ids are unique in a workflow.";
                problems.push(FieldProblem::new(
                    format!("/nodes/{place}/id"),
                    "workflow.duplicate_id",
                    message,
                ));
            }
            if names.insert(&node.name, place).is_some() {
                let message = "Another node has this name; names are unique in a workflow.";
                problems.push(FieldProblem::new(
                    format!("/nodes/{place}/name"),
                    "workflow.duplicate_name",
                    message,
                ));
            }
            if node.credential_id.is_some() && !node.kind.takes_credential() {
                problems.push(FieldProblem::new(
                    format!("/nodes/{place}/credentialId"),
                    "workflow.credential_not_taken",
                    format!("A {} node takes no credential.", node.kind.as_str()),
                ));
            }
        }
    }

    fn check_ends(&self, problems: &mut Vec<FieldProblem>) {
        let kinds: HashMap<&str, NodeType> =
            self.nodes.iter().map(|node| (node.id.as_str(), node.kind)).collect();
        for (place, edge) in self.edges.iter().enumerate() {
            for (member, id) in [("from", &edge.from), ("to", &edge.to)] {
                if !kinds.contains_key(id.as_str()) {
                    problems.push(FieldProblem::new(
                        format!("/edges/{place}/{member}"),
                        "workflow.unknown_node",
                        "No node has this id.",
                    ));
                }
            }
            if kinds.get(edge.to.as_str()).is_some_and(|kind| kind.is_trigger()) {
                problems.push(FieldProblem::new(
                    format!("/edges/{place}/to"),
                    "workflow.edge_into_trigger",
                    "A trigger begins a run; nothing can lead into it.",
                ));
            }
        }
    }

    fn check_triggers(&self, problems: &mut Vec<FieldProblem>) {
        let triggers: Vec<usize> =
            (0..self.nodes.len()).filter(|place| self.nodes[*place].kind.is_trigger()).collect();
        if triggers.is_empty() {
            problems.push(FieldProblem::new(
                "/nodes",
                "workflow.no_trigger",
                "Add a trigger (Start, WebhookTrigger, ScheduleTrigger, ConnectorTrigger or ErrorTrigger); a run begins there.",
            ));
        }
        for kind_is in [|kind| kind == NodeType::Start, |kind: NodeType| kind != NodeType::Start] {
            let of_kind = triggers.iter().filter(|place| kind_is(self.nodes[**place].kind));
            for place in of_kind.skip(1) {
                problems.push(FieldProblem::new(
                    format!("/nodes/{place}/type"),
                    "workflow.second_trigger",
                    "A workflow has one trigger; a Start node may stand beside it.",
                ));
            }
        }
    }

    /// The body of a loop is what its `loop` port leads to. Nothing else may lead into it, or a node would
    /// belong to an iteration and to none at the same time.
    fn check_loops(&self, graph: &Graph, problems: &mut Vec<FieldProblem>) {
        for (place, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.kind == NodeType::Loop) {
            let body = graph.reachable(
                graph.outgoing[place].iter().copied().filter(|edge| self.edges[*edge].from_port == "loop"),
            );
            for (index, (from, to)) in graph.ends.iter().copied().enumerate() {
                let enters = to != usize::MAX && body[to] && !body[from];
                if enters && !(from == place && self.edges[index].from_port == "loop") {
                    problems.push(FieldProblem::new(
                        format!("/edges/{index}"),
                        "workflow.loop_body_entered",
                        format!(
                            "This edge leads into the body of the loop `{}` from outside. Connect it behind the loop's `done` port.",
                            node.name
                        ),
                    ));
                }
            }
        }
    }
}
