/** What two versions of a document differ in: nodes by their id, connections by their ends, settings by name. */

import {
  type Edge,
  edgeKey,
  isObject,
  type Json,
  sameJson,
  type WorkflowDocument,
  type WorkflowNode,
} from "./document.ts";

/** One value that differs; undefined where it is not there. */
export interface ValueChange {
  /** Members and places, for example `parameters.url`. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** How a node differs. `moved`: only its place on the canvas. */
export type NodeState = "same" | "added" | "removed" | "changed" | "moved";

/** A node that differs. */
export interface NodeChange {
  readonly id: string;
  readonly state: Exclude<NodeState, "same">;
  readonly before?: WorkflowNode;
  readonly after?: WorkflowNode;
  readonly values: readonly ValueChange[];
}

/** The difference of two documents. */
export interface Difference {
  readonly nodes: readonly NodeChange[];
  readonly addedEdges: readonly Edge[];
  readonly removedEdges: readonly Edge[];
  /** Name, description, tags and settings. */
  readonly facts: readonly ValueChange[];
  /** Whether there is none. */
  readonly none: boolean;
}

/** What `after` has otherwise than `before`. */
export function difference(before: WorkflowDocument, after: WorkflowDocument): Difference {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const now = new Set(after.nodes.map((node) => node.id));
  const nodes: NodeChange[] = [];
  for (const node of after.nodes) {
    const former = old.get(node.id);
    if (!former) nodes.push({ id: node.id, state: "added", after: node, values: [] });
    else {
      const { position: from, ...left } = former;
      const { position: to, ...right } = node;
      const values = valueChanges(left as unknown as Json, right as unknown as Json);
      if (values.length > 0)
        nodes.push({ id: node.id, state: "changed", before: former, after: node, values });
      else if (!sameJson(from, to))
        nodes.push({ id: node.id, state: "moved", before: former, after: node, values: [] });
    }
  }
  for (const node of before.nodes) {
    if (!now.has(node.id)) nodes.push({ id: node.id, state: "removed", before: node, values: [] });
  }
  const oldEdges = new Set(before.edges.map(edgeKey));
  const newEdges = new Set(after.edges.map(edgeKey));
  const addedEdges = after.edges.filter((edge) => !oldEdges.has(edgeKey(edge)));
  const removedEdges = before.edges.filter((edge) => !newEdges.has(edgeKey(edge)));
  const facts = valueChanges(factsOf(before), factsOf(after));
  const none = nodes.length + addedEdges.length + removedEdges.length + facts.length === 0;
  return { nodes, addedEdges, removedEdges, facts, none };
}

function factsOf({ name, description, tags, settings }: WorkflowDocument): Json {
  return { name, description, tags, settings } as unknown as Json;
}

/** The values in which two JSON values differ, down to the smallest member that does. */
export function valueChanges(
  before: Json | undefined,
  after: Json | undefined,
  path = "",
): readonly ValueChange[] {
  if (sameJson(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      valueChanges(before[name], after[name], path === "" ? name : `${path}.${name}`),
    );
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item: Json, place) =>
      valueChanges(item, after[place] as Json, `${path}[${place}]`),
    );
  }
  return [{ path, before, after }];
}

/**
 * Both sides of a conflict in one document: what only one side changed is taken from it; where both changed the same
 * node or setting, `mine` wins and the node is named in `both`.
 */
export function merge(
  base: WorkflowDocument,
  mine: WorkflowDocument,
  theirs: WorkflowDocument,
): { document: WorkflowDocument; both: readonly string[] } {
  const both: string[] = [];
  const byId = (document: WorkflowDocument) => new Map(document.nodes.map((node) => [node.id, node]));
  const [old, own, other] = [byId(base), byId(mine), byId(theirs)];
  const ids = [...new Set([...mine.nodes, ...theirs.nodes].map((node) => node.id))];
  const nodes = ids.flatMap((id) => {
    const chosen = chosenOf(old.get(id), own.get(id), other.get(id));
    if (chosen.conflict) both.push((own.get(id) ?? other.get(id) ?? old.get(id))?.name ?? id);
    return chosen.value ? [chosen.value] : [];
  });
  const left = new Set(nodes.map((node) => node.id));
  const keys = (document: WorkflowDocument) => new Map(document.edges.map((edge) => [edgeKey(edge), edge]));
  const [oldEdges, ownEdges, otherEdges] = [keys(base), keys(mine), keys(theirs)];
  const edges = [...new Set([...ownEdges.keys(), ...otherEdges.keys()])].flatMap((key) => {
    const value = chosenOf(oldEdges.get(key), ownEdges.get(key), otherEdges.get(key)).value;
    return value && left.has(value.from) && left.has(value.to) ? [value] : [];
  });
  const pick = <K extends "name" | "description" | "tags" | "settings">(name: K): WorkflowDocument[K] =>
    sameJson(mine[name], base[name]) ? theirs[name] : mine[name];
  return {
    document: {
      name: pick("name"),
      description: pick("description"),
      tags: pick("tags"),
      settings: pick("settings"),
      nodes,
      edges,
    },
    both,
  };
}

function chosenOf<T>(
  base: T | undefined,
  mine: T | undefined,
  theirs: T | undefined,
): { value: T | undefined; conflict: boolean } {
  if (sameJson(mine, theirs)) return { value: mine, conflict: false };
  if (sameJson(mine, base)) return { value: theirs, conflict: false };
  if (sameJson(theirs, base)) return { value: mine, conflict: false };
  // Both changed it: what a person has on the screen stays, and nothing that one of them still has is dropped.
  return { value: mine ?? theirs, conflict: true };
}
