/**
 * Copy and paste, also into another workflow: what is copied is text, so that it goes over the system's clipboard.
 *
 * Pasted nodes get new ids and names of their own; expressions among them follow the new names, connections among
 * them are kept. A credential is named by its ID, so a copy never holds a secret.
 */

import { MAX_NODES, Refused } from "./commands.ts";
import {
  type Edge,
  isObject,
  type JsonObject,
  type Position,
  readDocument,
  uniqueId,
  uniqueName,
  type WorkflowDocument,
  type WorkflowNode,
  writeDocument,
} from "./document.ts";
import { renameInNode } from "./references.ts";

/** The member that tells a copy from other JSON. */
const MARK = "flero/nodes";

/** Nodes and the connections among them. */
export interface Fragment {
  readonly nodes: readonly WorkflowNode[];
  readonly edges: readonly Edge[];
}

/** The chosen nodes with the connections among them. */
export function fragmentOf(document: WorkflowDocument, ids: ReadonlySet<string>): Fragment {
  return {
    nodes: document.nodes.filter((node) => ids.has(node.id)),
    edges: document.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
  };
}

/** The text that goes to the clipboard. */
export function writeFragment(fragment: Fragment): string {
  const written = writeDocument({ name: "", description: "", tags: [], settings: {}, ...fragment });
  return JSON.stringify({ kind: MARK, nodes: written.nodes, edges: written.edges }, null, 2);
}

/** Reads a copy, or a whole workflow document, from text; null when it is something else. */
export function readFragment(text: string): Fragment | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || !Array.isArray(value.nodes) || value.nodes.length === 0) return null;
  try {
    const { nodes, edges } = readDocument(value as JsonObject);
    return { nodes, edges };
  } catch {
    return null;
  }
}

/**
 * Puts a fragment into a document, its top left corner at `at`, or beside the originals without it.
 * Gives the ids of the new nodes, to select them.
 */
export function paste(
  document: WorkflowDocument,
  fragment: Fragment,
  at?: Position,
): { document: WorkflowDocument; ids: ReadonlySet<string> } {
  if (document.nodes.length + fragment.nodes.length > MAX_NODES) {
    throw new Refused(`A workflow has at most ${MAX_NODES} nodes.`);
  }
  const ids = new Set(document.nodes.map((node) => node.id));
  const names = new Set(document.nodes.map((node) => node.name));
  const newIds = new Map<string, string>();
  const renames = new Map<string, string>();
  const by = distance(fragment, at);
  const placed = fragment.nodes.map((node): WorkflowNode => {
    const id = ids.has(node.id) ? uniqueId(node.type, ids) : node.id;
    const name = uniqueName(node.name, names);
    ids.add(id);
    names.add(name);
    newIds.set(node.id, id);
    if (name !== node.name) renames.set(node.name, name);
    return {
      ...node,
      id,
      name,
      position: { x: (node.position?.x ?? 0) + by.x, y: (node.position?.y ?? 0) + by.y },
    };
  });
  const nodes = placed.map((node) => renameInNode(node, renames));
  const edges = fragment.edges.flatMap((edge) => {
    const from = newIds.get(edge.from);
    const to = newIds.get(edge.to);
    return from !== undefined && to !== undefined ? [{ ...edge, from, to }] : [];
  });
  return {
    document: { ...document, nodes: [...document.nodes, ...nodes], edges: [...document.edges, ...edges] },
    ids: new Set(nodes.map((node) => node.id)),
  };
}

function distance(fragment: Fragment, at: Position | undefined): Position {
  if (!at) return { x: 40, y: 40 };
  const xs = fragment.nodes.map((node) => node.position?.x ?? 0);
  const ys = fragment.nodes.map((node) => node.position?.y ?? 0);
  return { x: at.x - Math.min(...xs), y: at.y - Math.min(...ys) };
}
