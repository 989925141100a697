/**
 * A document as the canvas library draws it. Objects are kept where nothing changed, so that a change of one node
 * draws one node.
 */

import { type Edge as DocumentEdge, edgeKey, sameJson, type WorkflowDocument } from "../model/document.ts";
import type { NodeSummary } from "../session/run.ts";
import type { Verdict } from "../session/session.tsx";
import type { FlowEdgeType } from "./FlowEdge.tsx";
import type { FlowData, FlowNodeType } from "./FlowNode.tsx";

/** What is drawn besides the document. */
export interface Overlay {
  readonly summary?: ReadonlyMap<string, NodeSummary>;
  readonly verdict?: Verdict;
  readonly pinned?: (id: string) => boolean;
  /** Whether a run is shown. */
  readonly hasRun?: boolean;
  readonly changes?: ReadonlyMap<string, NonNullable<FlowData["change"]>>;
  readonly selected: ReadonlySet<string>;
  readonly selectedEdges?: ReadonlySet<string>;
}

/** The nodes to draw; those of `before` that are the same are taken over. */
export function flowNodes(
  document: WorkflowDocument,
  over: Overlay,
  before: readonly FlowNodeType[],
): FlowNodeType[] {
  const former = new Map(before.map((node) => [node.id, node]));
  return document.nodes.map((node): FlowNodeType => {
    const old = former.get(node.id);
    const data = dataOf(node, over);
    const position = node.position ?? { x: 0, y: 0 };
    const selected = over.selected.has(node.id);
    const samePlace = old !== undefined && old.position.x === position.x && old.position.y === position.y;
    const sameData = old !== undefined && sameFlowData(old.data, data);
    if (old && samePlace && sameData && (old.selected ?? false) === selected) return old;
    return {
      ...old,
      id: node.id,
      type: "step",
      position: samePlace ? old.position : { ...position },
      data: sameData ? old.data : data,
      selected,
      ariaLabel: labelOf(data),
    };
  });
}

function dataOf(node: WorkflowDocument["nodes"][number], over: Overlay): FlowData {
  const run = over.summary?.get(node.id);
  const faults = over.verdict?.byNode.get(node.id) ?? [];
  const level = faults.some((fault) => fault.level === "error") ? "error" : "warning";
  const change = over.changes?.get(node.id);
  return {
    node,
    ...(run ? { run } : {}),
    ...(faults.length > 0 ? { fault: { level, messages: faults.map((fault) => fault.message) } } : {}),
    ...(over.pinned?.(node.id) ? { pinned: true } : {}),
    ...(over.hasRun ? { dim: true } : {}),
    ...(change ? { change } : {}),
  };
}

function sameFlowData(left: FlowData, right: FlowData): boolean {
  const { node, ...rest } = left;
  const { node: other, ...otherRest } = right;
  return node === other && sameJson(rest, otherRest);
}

function labelOf({ node, run, fault }: FlowData): string {
  const parts = [node.name, node.type, run?.status, fault ? fault.messages.join(" ") : undefined];
  return parts.filter(Boolean).join(", ");
}

/** The connections to draw; those of `before` that are the same are taken over. */
export function flowEdges(
  document: WorkflowDocument,
  over: {
    readonly selected: ReadonlySet<string>;
    readonly went?: (edge: DocumentEdge) => boolean;
    readonly changes?: ReadonlyMap<string, "added" | "removed">;
  },
  acts: {
    readonly onInsert?: (edge: DocumentEdge) => void;
    readonly onRemove?: (edge: DocumentEdge) => void;
  },
  before: readonly FlowEdgeType[],
): FlowEdgeType[] {
  const former = new Map(before.map((edge) => [edge.id, edge]));
  const names = new Map(document.nodes.map((node) => [node.id, node.name]));
  return document.edges.map((edge): FlowEdgeType => {
    const id = edgeKey(edge);
    const went = over.went?.(edge) ?? false;
    const selected = over.selected.has(id);
    const change = over.changes?.get(id);
    const old = former.get(id);
    if (
      old &&
      (old.data?.went ?? false) === went &&
      (old.selected ?? false) === selected &&
      old.data?.change === change
    )
      return old;
    return {
      id,
      type: "wire",
      source: edge.from,
      sourceHandle: edge.fromPort,
      target: edge.to,
      targetHandle: "input",
      selected,
      ariaLabel: `Connection from ${names.get(edge.from)}, port ${edge.fromPort}, to ${names.get(edge.to)}`,
      data: { edge, ...(went ? { went } : {}), ...(change ? { change } : {}), ...acts },
    };
  });
}
