//! Frames: opening them, and deciding the edges in them.

use std::sync::Arc;

use flero_model::workflow::NodeType;
use serde_json::Value;

use super::{Cell, Frame, Run, State, Task};
use crate::{
    journal::{At, Ending},
    params::{MergeMode, Work},
    workflow::index,
};

impl Run {
    /// Opens frame 0. Triggers that did not set the run off, and nodes that nothing leads to, are skipped.
    pub(super) fn open_root(&mut self) {
        if !self.frames.is_empty() {
            return;
        }
        self.open_frame(None, 0, 0, Arc::default());
        if self.given.only.is_some() {
            return self.preset();
        }
        let workflow = Arc::clone(&self.workflow);
        for node in &workflow.scopes.nodes[0] {
            let at = At(0, *node);
            if *node != self.entry && self.cell(at).open == 0 && matches!(self.cell(at).state, State::Idle) {
                self.skip(at);
            }
        }
    }

    /// Opens a frame and gives its number.
    pub(super) fn open_frame(
        &mut self,
        parent: Option<At>,
        index_in_loop: u32,
        scope: u32,
        item: Arc<Value>,
    ) -> u32 {
        let edges = &self.workflow.scopes.edges[scope as usize];
        let cells: Vec<Cell> =
            edges.iter().map(|open| Cell { open: *open, taken: false, state: State::Idle }).collect();
        let frame = index(self.frames.len());
        let left = index(cells.len());
        self.frames.push(Frame { parent, index: index_in_loop, scope, item, cells, left });
        frame
    }

    /// Decides the edges of a node that has ended, and whatever follows from that.
    pub(super) fn decide_outgoing(&mut self, at: At) {
        let workflow = Arc::clone(&self.workflow);
        let scope = self.frames[at.0 as usize].scope;
        for edge in &workflow.node(at.1).outgoing {
            let edge = workflow.edge(*edge);
            // Edges into a loop's body are decided in the frames of its iterations.
            if workflow.scopes.of[edge.to as usize].0 == scope {
                let taken = self.is_taken(at, &edge.port);
                self.decide(At(at.0, edge.to), taken);
            }
        }
        self.count_down(at.0);
    }

    /// Whether a node left by a port. A node that failed without an error port left by none.
    pub(super) fn is_taken(&self, at: At, port: &str) -> bool {
        match &self.cell(at).state {
            State::Done(done) => done.ending != Ending::Failed && *done.port == *port,
            _ => false,
        }
    }

    /// Decides one edge into a node.
    pub(super) fn decide(&mut self, at: At, taken: bool) {
        let joins_first = matches!(self.workflow.node(at.1).work, Work::Merge(MergeMode::First));
        let cell = self.cell_mut(at);
        cell.open = cell.open.saturating_sub(1);
        cell.taken |= taken;
        if !matches!(cell.state, State::Idle) {
            return;
        }
        if cell.open == 0 && !cell.taken {
            self.skip(at);
        } else if cell.taken && (cell.open == 0 || joins_first) {
            self.ready.push_back(Task::Node(at));
        }
    }

    /// Skips a node; what only it leads to is skipped too. The work is done over a list, because a chain of
    /// skipped nodes can be as long as the workflow.
    fn skip(&mut self, at: At) {
        let workflow = Arc::clone(&self.workflow);
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            if !matches!(self.cell(at).state, State::Idle) {
                continue;
            }
            self.cell_mut(at).state = State::Skipped;
            let scope = self.frames[at.0 as usize].scope;
            for edge in &workflow.node(at.1).outgoing {
                let to = At(at.0, workflow.edge(*edge).to);
                if workflow.scopes.of[to.1 as usize].0 != scope {
                    continue;
                }
                let cell = self.cell_mut(to);
                cell.open = cell.open.saturating_sub(1);
                if matches!(cell.state, State::Idle) && cell.open == 0 {
                    if cell.taken {
                        self.ready.push_back(Task::Node(to));
                    } else {
                        open.push(to);
                    }
                }
            }
            self.count_down(at.0);
        }
    }

    /// One node less is undecided in a frame; the loop of an iteration that is over is looked at.
    fn count_down(&mut self, frame: u32) {
        let frame = &mut self.frames[frame as usize];
        frame.left = frame.left.saturating_sub(1);
        if frame.left == 0
            && let Some(parent) = frame.parent
        {
            self.iteration_over(parent);
        }
    }

    /// The output of the last node, in topological order, that ran in a frame and led nowhere: what an iteration
    /// or a run without a Terminal returns. Terminals go before everything else.
    pub(super) fn frame_output(&self, frame: u32) -> Option<Arc<Value>> {
        let workflow = &self.workflow;
        let here = &self.frames[frame as usize];
        let done =
            workflow.scopes.nodes[here.scope as usize].iter().zip(&here.cells).filter_map(|(node, cell)| {
                match &cell.state {
                    State::Done(done) if done.ending != Ending::Failed => Some((*node, done)),
                    _ => None,
                }
            });
        let last = done
            .filter(|(node, done)| {
                let outgoing = &workflow.node(*node).outgoing;
                !outgoing.iter().any(|edge| *workflow.edge(*edge).port == *done.port)
            })
            .max_by_key(|(node, _)| {
                (workflow.node(*node).kind == NodeType::Terminal, workflow.rank[*node as usize])
            });
        last.map(|(_, done)| Arc::clone(&done.output))
    }
}
