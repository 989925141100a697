/**
 * What can be done to a document. Every command is pure: a document in, a document out, the same one when nothing
 * changes. What is refused throws a {@link Refused} with a sentence for people.
 */

import {
  type Edge,
  edgeKey,
  type Json,
  type JsonObject,
  nodeById,
  type Position,
  type Settings,
  sameJson,
  uniqueId,
  uniqueName,
  type WorkflowDocument,
  type WorkflowNode,
} from "./document.ts";
import { withValueAt } from "./fields.ts";
import { reachable, refusalOf } from "./graph.ts";
import { describe, outputPorts } from "./nodeTypes.ts";
import { renameInNode } from "./references.ts";

/** The most nodes and edges that the server takes in one workflow. */
export const MAX_NODES = 1_000;
export const MAX_EDGES = 5_000;

/** The size of a node on the canvas, in pixels; the layout and the placing of new nodes count with it. */
export const NODE_WIDTH = 232;
export const NODE_HEIGHT = 72;
/** The free space between a node and the next one that is placed beside it. */
export const GAP_X = 96;
export const GAP_Y = 40;

/** A command that cannot be carried out; the message says why. */
export class Refused extends Error {}

function taken(document: WorkflowDocument): { ids: Set<string>; names: Set<string> } {
  return {
    ids: new Set(document.nodes.map((node) => node.id)),
    names: new Set(document.nodes.map((node) => node.name)),
  };
}

function replaceNode(
  document: WorkflowDocument,
  id: string,
  change: (node: WorkflowNode) => WorkflowNode,
): WorkflowDocument {
  let changed = false;
  const nodes = document.nodes.map((node) => {
    if (node.id !== id) return node;
    const next = change(node);
    changed ||= next !== node;
    return next;
  });
  return changed ? { ...document, nodes } : document;
}

/** What a new node is made of. */
export interface NewNode {
  readonly type: string;
  readonly name?: string;
  readonly parameters?: JsonObject;
  readonly position?: Position;
  readonly connector?: string;
  readonly operation?: string;
  readonly event?: string;
}

/** Adds a node; it gets an id and a name that nobody has. */
export function addNode(
  document: WorkflowDocument,
  what: NewNode,
): { document: WorkflowDocument; id: string } {
  if (document.nodes.length >= MAX_NODES) throw new Refused(`A workflow has at most ${MAX_NODES} nodes.`);
  const type = describe(what.type);
  const { ids, names } = taken(document);
  const node: WorkflowNode = {
    id: uniqueId(what.type, ids),
    name: uniqueName(what.name ?? type.label, names),
    type: what.type,
    ...(what.connector ? { connector: what.connector } : {}),
    ...(what.operation ? { operation: what.operation } : {}),
    ...(what.event ? { event: what.event } : {}),
    parameters: what.parameters ?? type.defaults,
    position: freePosition(document, what.position ?? { x: 0, y: 0 }),
  };
  return { document: { ...document, nodes: [...document.nodes, node] }, id: node.id };
}

/**
 * Adds a node behind another one and connects it to a port. Without a port it takes the first one that nothing
 * leaves by, `error` last. A trigger is added beside, without a connection.
 */
export function addNodeAfter(
  document: WorkflowDocument,
  after: string,
  what: NewNode,
  port?: string,
): { document: WorkflowDocument; id: string } {
  const from = nodeById(document, after);
  if (!from) return addNode(document, what);
  const at = from.position ?? { x: 0, y: 0 };
  const ports = outputPorts(from).map((entry) => entry.name);
  const free = ports.filter(
    (name) => !document.edges.some((edge) => edge.from === after && edge.fromPort === name),
  );
  const chosen = port ?? free.find((name) => name !== "error") ?? ports[0] ?? "output";
  const row = Math.max(0, ports.indexOf(chosen));
  const spread = ports.length > 2 ? row * (NODE_HEIGHT + GAP_Y) : 0;
  const position = what.position ?? { x: at.x + NODE_WIDTH + GAP_X, y: at.y + spread };
  const added = addNode(document, { ...what, position });
  if (describe(what.type).trigger) return added;
  return {
    document: connect(added.document, { from: after, fromPort: chosen, to: added.id, toPort: "input" }),
    id: added.id,
  };
}

/**
 * Puts a node into an edge: what the edge led to is then behind the new node's first port. Where there is no room
 * between the two, everything behind the edge makes room, so that the chain still reads from left to right.
 */
export function addNodeInto(
  document: WorkflowDocument,
  edge: Edge,
  what: NewNode,
): { document: WorkflowDocument; id: string } {
  if (describe(what.type).trigger)
    throw new Refused("A trigger begins a run; it cannot stand between two nodes.");
  const step = NODE_WIDTH + GAP_X;
  const from = nodeById(document, edge.from)?.position ?? { x: 0, y: 0 };
  const to = nodeById(document, edge.to)?.position ?? { x: from.x + 2 * step, y: from.y };
  const hasRoom = to.x - from.x >= step + NODE_WIDTH + GAP_X / 4;
  const position = hasRoom
    ? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
    : { x: from.x + step, y: to.y };
  const roomy = hasRoom ? document : pushed(document, edge.to, to.x, from.x + 2 * step - to.x);
  const added = addNode(roomy, { ...what, position: what.position ?? position });
  const node = nodeById(added.document, added.id) as WorkflowNode;
  const port = outputPorts(node)[0]?.name ?? "output";
  let next = disconnect(added.document, [edge]);
  next = connect(next, { ...edge, to: added.id, toPort: "input" });
  next = connect(next, { from: added.id, fromPort: port, to: edge.to, toPort: edge.toPort });
  return { document: next, id: added.id };
}

/** Moves a node, and what comes behind it and stands as far to the right, by so much. */
function pushed(document: WorkflowDocument, id: string, left: number, by: number): WorkflowDocument {
  const behind = reachable(document.edges, [id]);
  const places = document.nodes.flatMap(({ id: other, position }): [string, Position][] =>
    position && behind.has(other) && position.x >= left
      ? [[other, { x: position.x + by, y: position.y }]]
      : [],
  );
  return moveNodes(document, new Map(places));
}

/** A place near the wished one that no node covers; further down until there is room. */
export function freePosition(document: WorkflowDocument, wished: Position): Position {
  let { x, y } = wished;
  const covers = (node: WorkflowNode) =>
    node.position !== undefined &&
    Math.abs(node.position.x - x) < NODE_WIDTH + 8 &&
    Math.abs(node.position.y - y) < NODE_HEIGHT + 8;
  while (document.nodes.some(covers)) y += NODE_HEIGHT + GAP_Y;
  return { x, y };
}

/** Puts nodes at places. */
export function moveNodes(
  document: WorkflowDocument,
  places: ReadonlyMap<string, Position>,
): WorkflowDocument {
  let changed = false;
  const nodes = document.nodes.map((node) => {
    const position = places.get(node.id);
    if (!position || (node.position?.x === position.x && node.position.y === position.y)) return node;
    changed = true;
    return { ...node, position };
  });
  return changed ? { ...document, nodes } : document;
}

/** Connects two nodes. */
export function connect(document: WorkflowDocument, edge: Edge): WorkflowDocument {
  const refusal = refusalOf(document, edge);
  if (refusal) throw new Refused(refusal);
  if (document.edges.length >= MAX_EDGES)
    throw new Refused(`A workflow has at most ${MAX_EDGES} connections.`);
  return { ...document, edges: [...document.edges, edge] };
}

/** Removes connections. */
export function disconnect(document: WorkflowDocument, edges: readonly Edge[]): WorkflowDocument {
  const gone = new Set(edges.map(edgeKey));
  const left = document.edges.filter((edge) => !gone.has(edgeKey(edge)));
  return left.length === document.edges.length ? document : { ...document, edges: left };
}

/**
 * Removes nodes with their connections. Where a removed node had exactly one way in and one way out, the gap is
 * closed, so that a step can be taken out of a chain.
 */
export function deleteNodes(document: WorkflowDocument, ids: ReadonlySet<string>): WorkflowDocument {
  let next = document;
  for (const id of ids) next = deleteNode(next, id);
  return next;
}

function deleteNode(document: WorkflowDocument, id: string): WorkflowDocument {
  if (!nodeById(document, id)) return document;
  const into = document.edges.filter((edge) => edge.to === id);
  const out = document.edges.filter((edge) => edge.from === id);
  const without: WorkflowDocument = {
    ...document,
    nodes: document.nodes.filter((node) => node.id !== id),
    edges: document.edges.filter((edge) => edge.from !== id && edge.to !== id),
  };
  const [before] = into;
  const [behind] = out;
  if (into.length !== 1 || out.length !== 1 || !before || !behind || behind.fromPort === "error")
    return without;
  const bridge = { from: before.from, fromPort: before.fromPort, to: behind.to, toPort: behind.toPort };
  return refusalOf(without, bridge) ? without : { ...without, edges: [...without.edges, bridge] };
}

/** Gives a node another name and rewrites every expression that refers to it. */
export function renameNode(document: WorkflowDocument, id: string, wished: string): WorkflowDocument {
  const node = nodeById(document, id);
  const name = wished.trim();
  if (!node || node.name === name) return document;
  if (name === "") throw new Refused("A node needs a name: expressions refer to it by it.");
  if ([...name].length > 120) throw new Refused("A name has at most 120 characters.");
  if (document.nodes.some((other) => other.name === name))
    throw new Refused(`Another node is called “${name}”.`);
  const renames = new Map([[node.name, name]]);
  return {
    ...document,
    nodes: document.nodes.map((other) => renameInNode(other.id === id ? { ...other, name } : other, renames)),
  };
}

/**
 * Sets a parameter at a path; undefined removes it. Where the ports of the node change by it (a case is renamed),
 * the connections of a renamed port go along, and those of a port that is gone are removed.
 */
export function setParameter(
  document: WorkflowDocument,
  id: string,
  path: readonly (string | number)[],
  value: Json | undefined,
): WorkflowDocument {
  const node = nodeById(document, id);
  if (!node || path.length === 0) return document;
  return setParameters(document, id, withValueAt(node.parameters, path, value) as JsonObject);
}

/** Sets all parameters of a node at once; connections follow its ports as in {@link setParameter}. */
export function setParameters(
  document: WorkflowDocument,
  id: string,
  parameters: JsonObject,
): WorkflowDocument {
  const node = nodeById(document, id);
  if (!node || sameJson(node.parameters, parameters)) return document;
  const before = outputPorts(node).map((port) => port.name);
  const after = outputPorts({ ...node, parameters }).map((port) => port.name);
  const next = replaceNode(document, id, (old) => ({ ...old, parameters }));
  return { ...next, edges: followPorts(next.edges, id, before, after) };
}

function followPorts(
  edges: readonly Edge[],
  id: string,
  before: readonly string[],
  after: readonly string[],
): readonly Edge[] {
  const lost = before.filter((port) => !after.includes(port));
  if (lost.length === 0) return edges;
  const added = after.filter((port) => !before.includes(port));
  const renamed = before.length === after.length && lost.length === 1 && added.length === 1;
  return edges.flatMap((edge) => {
    if (edge.from !== id || !lost.includes(edge.fromPort)) return [edge];
    return renamed ? [{ ...edge, fromPort: added[0] as string }] : [];
  });
}

/** The members of a node that are set beside its parameters. */
export type NodeOptions = Partial<
  Pick<
    WorkflowNode,
    | "credentialId"
    | "retries"
    | "retryDelayMs"
    | "backoff"
    | "onUncertain"
    | "disabled"
    | "notes"
    | "connector"
    | "operation"
    | "event"
  >
>;

/** Sets members of a node beside its parameters; a member that is undefined is removed. */
export function setOptions(
  document: WorkflowDocument,
  id: string,
  options: { [K in keyof NodeOptions]: NodeOptions[K] | undefined },
): WorkflowDocument {
  return replaceNode(document, id, (node) => {
    const next: Record<string, unknown> = { ...node };
    for (const [name, value] of Object.entries(options)) {
      if (value === undefined || value === false || value === "") delete next[name];
      else next[name] = value;
    }
    return sameJson(next, node) ? node : (next as unknown as WorkflowNode);
  });
}

/** Sets what the workflow is called, described and tagged as. */
export function setFacts(
  document: WorkflowDocument,
  facts: Partial<Pick<WorkflowDocument, "name" | "description" | "tags">>,
): WorkflowDocument {
  const next = { ...document, ...facts };
  return sameJson(next, document) ? document : next;
}

/** Sets what holds for all runs. */
export function setSettings(document: WorkflowDocument, settings: Settings): WorkflowDocument {
  return sameJson(settings, document.settings) ? document : { ...document, settings };
}

/** Switches nodes off, or on again when all of them are off. */
export function toggleDisabled(document: WorkflowDocument, ids: ReadonlySet<string>): WorkflowDocument {
  const chosen = document.nodes.filter((node) => ids.has(node.id));
  const off = chosen.some((node) => !node.disabled);
  let next = document;
  for (const node of chosen) next = setOptions(next, node.id, { disabled: off || undefined });
  return next;
}

/** An empty workflow: a Start node, and nothing else. */
export function emptyDocument(name: string): WorkflowDocument {
  const blank: WorkflowDocument = { name, description: "", tags: [], nodes: [], edges: [], settings: {} };
  return addNode(blank, { type: "Start", position: { x: 0, y: 0 } }).document;
}
