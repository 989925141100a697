/** Automatic layout: layers from left to right, as dagre (Sugiyama's method) puts them. */

import dagre from "@dagrejs/dagre";
import { GAP_X, GAP_Y, NODE_HEIGHT, NODE_WIDTH } from "./commands.ts";
import type { Position, WorkflowDocument } from "./document.ts";
import { outputPorts } from "./nodeTypes.ts";

/** The height of a node with this many ports, in pixels. */
export function heightOf(ports: number): number {
  return Math.max(NODE_HEIGHT, 28 + ports * 22);
}

/**
 * Where each node goes: the chosen ones, or all of them. The top left corner of the result stays where it was.
 * Ports that stand higher lead to nodes that stand higher, where the edges leave the choice.
 */
export function layOut(
  document: WorkflowDocument,
  only?: ReadonlySet<string>,
): ReadonlyMap<string, Position> {
  const nodes = document.nodes.filter((node) => !only || only.has(node.id));
  if (nodes.length === 0) return new Map();
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: GAP_Y, ranksep: GAP_X, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(nodes.map((node) => node.id));
  const rank = new Map<string, number>();
  for (const node of nodes) {
    const ports = outputPorts(node);
    graph.setNode(node.id, { width: NODE_WIDTH, height: heightOf(ports.length) });
    for (const [place, port] of ports.entries()) rank.set(`${node.id}\u0000${port.name}`, place);
  }
  const place = (from: string, port: string) => rank.get(`${from}\u0000${port}`) ?? 0;
  const edges = document.edges
    .filter((edge) => ids.has(edge.from) && ids.has(edge.to))
    .toSorted((left, right) => place(left.from, left.fromPort) - place(right.from, right.fromPort));
  for (const edge of edges)
    graph.setEdge(edge.from, edge.to, { weight: edge.fromPort === "error" ? 1 : 2 }, edge.fromPort);
  dagre.layout(graph);
  const corner = cornerOf(nodes.map((node) => node.position ?? { x: 0, y: 0 }));
  const found = nodes.map((node) => {
    const at = graph.node(node.id);
    return [node.id, { x: at.x - at.width / 2, y: at.y - at.height / 2 }] as const;
  });
  const top = cornerOf(found.map(([, position]) => position));
  return new Map(
    found.map(([id, position]) => [
      id,
      { x: Math.round(position.x - top.x + corner.x), y: Math.round(position.y - top.y + corner.y) },
    ]),
  );
}

function cornerOf(places: readonly Position[]): Position {
  return { x: Math.min(...places.map((place) => place.x)), y: Math.min(...places.map((place) => place.y)) };
}

/** Whether any node has no place yet, so that the whole has to be laid out once. */
export function needsLayout(document: WorkflowDocument): boolean {
  return document.nodes.some((node) => node.position === undefined);
}
