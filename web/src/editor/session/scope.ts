/** What the expressions of a node can be tried with: the data of the last run, and what people pinned. */

import type { Json, WorkflowDocument } from "../model/document.ts";
import { leadingTo, loopBody } from "../model/graph.ts";
import { referencedNames } from "../model/references.ts";
import type { NodeData, RunsState } from "./runs.ts";

/** The values behind the names of an expression. */
export interface Scope {
  readonly roots: Readonly<Record<string, Json>>;
  /** Outputs of the nodes that come before, by display name. */
  readonly nodes: Readonly<Record<string, Json>>;
}

/** What a node is given, from its last run or from what leads to it. */
export function inputOf(
  document: WorkflowDocument,
  nodeId: string,
  data: ReadonlyMap<string, NodeData>,
): Json | undefined {
  const before = document.edges.filter((edge) => edge.to === nodeId);
  const pinned = before.map((edge) => data.get(edge.from)).find((entry) => entry?.pinned);
  if (pinned) return pinned.output;
  const own = data.get(nodeId);
  if (own && !own.pinned && own.input !== null) return own.input;
  const known = before
    .map((edge) => ({ edge, entry: data.get(edge.from) }))
    .filter(({ edge, entry }) => entry && (entry.port === edge.fromPort || before.length === 1));
  return known[0]?.entry?.output;
}

/** Everything that the expressions of a node see. */
export function scopeOf(document: WorkflowDocument, nodeId: string, runs: RunsState): Scope {
  const before = leadingTo(document.edges, [nodeId]);
  const nodes: Record<string, Json> = {};
  for (const node of document.nodes) {
    const entry = runs.data.get(node.id);
    if (before.has(node.id) && node.id !== nodeId && entry) nodes[node.name] = entry.output;
  }
  const input = inputOf(document, nodeId, runs.data);
  const roots: Record<string, Json> = {
    trigger: runs.trigger,
    workflow: { name: document.name, variables: {} },
  };
  if (input !== undefined) roots.input = input;
  if (document.nodes.some((node) => node.type === "Loop" && loopBody(document, node.id).has(nodeId))) {
    roots.item = input ?? null;
    roots.index = 0;
  }
  const self = document.nodes.find((node) => node.id === nodeId);
  if (self?.type === "Filter" && Array.isArray(input)) {
    roots.item = (input[0] as Json | undefined) ?? null;
    roots.index = 0;
  }
  const error =
    typeof input === "object" && input !== null && !Array.isArray(input)
      ? (input as { error?: Json }).error
      : undefined;
  if (error !== undefined) roots.error = error;
  return { roots, nodes };
}

/** The part of a scope that a value's expressions name, so that large outputs are not sent for nothing. */
export function trimmed(scope: Scope, value: Json): Scope {
  const names = referencedNames(value);
  const text = JSON.stringify(value);
  const nodes = Object.fromEntries(Object.entries(scope.nodes).filter(([name]) => names.has(name)));
  const roots = Object.fromEntries(Object.entries(scope.roots).filter(([name]) => text.includes(`$${name}`)));
  return { roots, nodes };
}
