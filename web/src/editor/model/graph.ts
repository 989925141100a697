/** Questions about the graph of a document: what leads where, what would close a cycle, what a loop repeats. */

import type { Edge, WorkflowDocument, WorkflowNode } from "./document.ts";
import { nodeById } from "./document.ts";
import { describe, outputPorts } from "./nodeTypes.ts";

/** The ids that can be reached from some nodes along the edges, the starting ones included. */
export function reachable(edges: readonly Edge[], from: Iterable<string>): Set<string> {
  return follow(edges, from, "from", "to");
}

/** The ids that lead to some nodes, the starting ones included. */
export function leadingTo(edges: readonly Edge[], to: Iterable<string>): Set<string> {
  return follow(edges, to, "to", "from");
}

function follow(
  edges: readonly Edge[],
  start: Iterable<string>,
  near: "from" | "to",
  far: "from" | "to",
): Set<string> {
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    const list = next.get(edge[near]);
    if (list) list.push(edge[far]);
    else next.set(edge[near], [edge[far]]);
  }
  const found = new Set(start);
  const open = [...found];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of next.get(id) ?? []) {
      if (!found.has(other)) {
        found.add(other);
        open.push(other);
      }
    }
  }
  return found;
}

/** The nodes in an order in which every edge points forwards, or null when the edges form a cycle. */
export function topologicalOrder(document: WorkflowDocument): readonly string[] | null {
  const open = new Map(document.nodes.map((node) => [node.id, 0]));
  const next = new Map<string, string[]>();
  for (const edge of document.edges) {
    if (!open.has(edge.from) || !open.has(edge.to)) continue;
    open.set(edge.to, (open.get(edge.to) ?? 0) + 1);
    next.set(edge.from, [...(next.get(edge.from) ?? []), edge.to]);
  }
  const ready = document.nodes.filter((node) => open.get(node.id) === 0).map((node) => node.id);
  const order: string[] = [];
  for (let place = 0; place < ready.length; place += 1) {
    const id = ready[place] as string;
    order.push(id);
    for (const other of next.get(id) ?? []) {
      const left = (open.get(other) ?? 0) - 1;
      open.set(other, left);
      if (left === 0) ready.push(other);
    }
  }
  return order.length === open.size ? order : null;
}

/** The ids in the body of a loop: what its `loop` port leads to. */
export function loopBody(document: WorkflowDocument, loop: string): Set<string> {
  const first = document.edges.filter((edge) => edge.from === loop && edge.fromPort === "loop");
  return reachable(
    document.edges,
    first.map((edge) => edge.to),
  );
}

/** An edge into the body of a loop that does not come from its `loop` port or from the body itself. */
export function loopIntruder(document: WorkflowDocument): { edge: Edge; loop: WorkflowNode } | null {
  for (const loop of document.nodes.filter((node) => node.type === "Loop")) {
    const body = loopBody(document, loop.id);
    const edge = document.edges.find(
      (edge) =>
        body.has(edge.to) && !body.has(edge.from) && !(edge.from === loop.id && edge.fromPort === "loop"),
    );
    if (edge) return { edge, loop };
  }
  return null;
}

/**
 * Why a connection cannot be made, as a sentence for people, or null when it can.
 *
 * The rules are the server's (`crates/model/src/workflow/check.rs`): nothing leads into a trigger, no cycle, and
 * nothing enters the body of a loop from outside.
 */
export function refusalOf(document: WorkflowDocument, edge: Edge): string | null {
  const from = nodeById(document, edge.from);
  const to = nodeById(document, edge.to);
  if (!from || !to) return "One end of this connection does not exist.";
  if (from === to) return "A node cannot lead into itself. To repeat steps, use a Loop node.";
  if (describe(to.type).trigger)
    return `${to.name} is a trigger: a run begins there, so nothing can lead into it.`;
  if (!outputPorts(from).some((port) => port.name === edge.fromPort)) {
    return `${from.name} has no port “${edge.fromPort}”.`;
  }
  if (document.edges.some((other) => sameEnds(other, edge))) return "These two are already connected.";
  if (reachable(document.edges, [edge.to]).has(edge.from)) {
    return `This would close a cycle: ${to.name} already leads to ${from.name}. To repeat steps, use a Loop node.`;
  }
  const before = loopIntruder(document);
  const after = loopIntruder({ ...document, edges: [...document.edges, edge] });
  if (after && !before) {
    return `This would lead into the body of the loop “${after.loop.name}” from outside. Connect behind its “done” port.`;
  }
  return null;
}

function sameEnds(left: Edge, right: Edge): boolean {
  return (
    left.from === right.from &&
    left.fromPort === right.fromPort &&
    left.to === right.to &&
    left.toPort === right.toPort
  );
}
