//! Which nodes belong to the body of which loop.

use flero_model::workflow::{Graph, NodeType, WorkflowDocument};

use super::{NodeIndex, index};

/// The nodes of a workflow by the innermost loop that repeats them. Scope 0 is outside of every loop.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    /// For each node its scope and its place among the nodes of that scope.
    pub(crate) of: Vec<(u32, u32)>,
    /// For each scope its nodes.
    pub(crate) nodes: Vec<Vec<NodeIndex>>,
    /// For each scope the loop that repeats it; the first has none.
    pub(crate) owner: Vec<Option<NodeIndex>>,
    /// For each scope how many edges into each of its nodes count there.
    pub(crate) edges: Vec<Vec<u32>>,
    /// For each node the scope that it repeats, if it is a loop.
    pub(crate) body: Vec<Option<u32>>,
}

impl Scopes {
    pub(crate) fn of(document: &WorkflowDocument, graph: &Graph) -> Self {
        let count = document.nodes.len();
        let mut scopes = Self { owner: vec![None], body: vec![None; count], ..Self::default() };
        // The bodies of two loops are apart or one holds the other (the model's check of loop bodies), so the
        // smallest body that holds a node is its scope.
        let mut bodies: Vec<Vec<bool>> = Vec::new();
        for place in (0..count).filter(|place| document.nodes[*place].kind == NodeType::Loop) {
            let into = graph.outgoing[place]
                .iter()
                .copied()
                .filter(|edge| document.edges[*edge].from_port == "loop");
            bodies.push(graph.reachable(into));
            scopes.body[place] = Some(index(scopes.owner.len()));
            scopes.owner.push(Some(index(place)));
        }
        let size = |scope: usize| bodies[scope - 1].iter().filter(|inside| **inside).count();
        scopes.nodes = vec![Vec::new(); scopes.owner.len()];
        for (place, _) in document.nodes.iter().enumerate() {
            let inside = (1..scopes.owner.len()).filter(|scope| bodies[scope - 1][place]);
            let scope = inside.min_by_key(|scope| size(*scope)).unwrap_or(0);
            scopes.of.push((index(scope), index(scopes.nodes[scope].len())));
            scopes.nodes[scope].push(index(place));
        }
        scopes.edges = scopes
            .nodes
            .iter()
            .map(|nodes| nodes.iter().map(|node| index(graph.incoming[*node as usize].len())).collect())
            .collect();
        scopes
    }
}
