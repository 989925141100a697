//! The graph of a workflow in indexed form.

use std::collections::HashMap;

use super::WorkflowDocument;

/// Adjacency by node index. Edges whose ends do not exist are left out ([`WorkflowDocument::check`] names them).
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// For each node the indexes of the edges that leave it, in document order.
    pub outgoing: Vec<Vec<usize>>,
    /// For each node the indexes of the edges that enter it, in document order.
    pub incoming: Vec<Vec<usize>>,
    /// For each edge the indexes of the nodes at its ends.
    pub ends: Vec<(usize, usize)>,
}

impl Graph {
    /// Indexes a document.
    #[must_use]
    pub fn of(document: &WorkflowDocument) -> Self {
        let places: HashMap<&str, usize> =
            document.nodes.iter().enumerate().map(|(place, node)| (node.id.as_str(), place)).collect();
        let mut graph = Self {
            outgoing: vec![Vec::new(); document.nodes.len()],
            incoming: vec![Vec::new(); document.nodes.len()],
            ends: vec![(usize::MAX, usize::MAX); document.edges.len()],
        };
        for (index, edge) in document.edges.iter().enumerate() {
            if let (Some(&from), Some(&to)) = (places.get(edge.from.as_str()), places.get(edge.to.as_str())) {
                graph.outgoing[from].push(index);
                graph.incoming[to].push(index);
                graph.ends[index] = (from, to);
            }
        }
        graph
    }

    /// The nodes in an order in which every edge goes forward, or `None` when there is a cycle. Source: Kahn,
    /// "Topological sorting of large networks", 1962.
    #[must_use]
    pub fn order(&self) -> Option<Vec<usize>> {
        let mut open: Vec<usize> = self.incoming.iter().map(Vec::len).collect();
        let mut ready: Vec<usize> = (0..open.len()).rev().filter(|node| open[*node] == 0).collect();
        let mut order = Vec::with_capacity(open.len());
        while let Some(node) = ready.pop() {
            order.push(node);
            for edge in self.outgoing[node].iter().rev() {
                let to = self.ends[*edge].1;
                open[to] -= 1;
                if open[to] == 0 {
                    ready.push(to);
                }
            }
        }
        (order.len() == open.len()).then_some(order)
    }

    /// Every node that can be reached over the given edges, in index order.
    #[must_use]
    pub fn reachable(&self, edges: impl Iterator<Item = usize>) -> Vec<bool> {
        let mut reached = vec![false; self.outgoing.len()];
        let mut open: Vec<usize> =
            edges.map(|edge| self.ends[edge].1).filter(|node| *node != usize::MAX).collect();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut reached[node], true) {
                open.extend(self.outgoing[node].iter().map(|edge| self.ends[*edge].1));
            }
        }
        reached
    }
}
