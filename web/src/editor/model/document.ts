/**
 * The workflow document as the editor holds it: immutable values, read leniently, written as the server takes them.
 *
 * The server keeps members that only an answer has (`id`, `status`, `version`, ...) beside the document; they are
 * left out here, so that a document can be compared, copied and saved by itself.
 */

import type { components } from "#api";

type Schemas = components["schemas"];

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [name: string]: Json };

/** What the API describes, as a value that nobody changes, without the nulls that it takes for what is left out. */
type Held<T> = { readonly [Name in keyof T]: Exclude<T[Name], null> };

/** A place on the canvas, in pixels; `y` grows downwards. */
export type Position = Held<Schemas["Position"]>;

/** One step. */
export type WorkflowNode = Omit<Held<Schemas["Node"]>, "parameters" | "position"> & {
  readonly parameters: JsonObject;
  readonly position?: Position;
};

/** A connection from an output port to an input port. */
export type Edge = Required<Held<Schemas["Edge"]>>;

/** What holds for the whole run; members that are absent have the server's default. */
export type Settings = Held<Schemas["Settings"]>;

/** A workflow as a person builds it. */
export type WorkflowDocument = Required<
  Held<Omit<Schemas["WorkflowDocumentBody"], "tags" | "nodes" | "edges" | "settings">>
> & {
  readonly tags: readonly string[];
  readonly nodes: readonly WorkflowNode[];
  readonly edges: readonly Edge[];
  readonly settings: Settings;
};

/** The members of a node that are copied as they are when they have the right type. */
const TEXT_MEMBERS = ["connector", "operation", "event", "credentialId", "notes"] as const;
const NUMBER_MEMBERS = ["retries", "retryDelayMs"] as const;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What could not be read as a document. */
export class DocumentError extends Error {}

/**
 * Reads a document from what the server answered or a person gave.
 *
 * Lenient where nothing is lost (absent members get their default), strict where something would be: a node without
 * an id or a type throws a {@link DocumentError} with a sentence for people.
 */
export function readDocument(value: unknown): WorkflowDocument {
  if (!isObject(value))
    throw new DocumentError("A workflow is a JSON object with `name`, `nodes` and `edges`.");
  if (!Array.isArray(value.nodes)) throw new DocumentError("The workflow has no `nodes`: give an array.");
  const nodes = value.nodes.map((node: Json, place: number) => readNode(node, place));
  const edges = Array.isArray(value.edges)
    ? value.edges.map((edge: Json, place: number) => readEdge(edge, place))
    : [];
  return {
    name: typeof value.name === "string" ? value.name : "Untitled workflow",
    description: typeof value.description === "string" ? value.description : "",
    tags: Array.isArray(value.tags) ? value.tags.filter((tag): tag is string => typeof tag === "string") : [],
    nodes,
    edges,
    settings: isObject(value.settings) ? (value.settings as Settings) : {},
  };
}

function readNode(value: Json, place: number): WorkflowNode {
  if (!isObject(value) || typeof value.id !== "string" || typeof value.type !== "string") {
    throw new DocumentError(`Node ${place + 1} is not a node: it needs the texts \`id\` and \`type\`.`);
  }
  const node: Record<string, unknown> = {
    id: value.id,
    name: typeof value.name === "string" ? value.name : value.id,
    type: value.type,
    parameters: isObject(value.parameters) ? value.parameters : {},
  };
  for (const member of TEXT_MEMBERS) if (typeof value[member] === "string") node[member] = value[member];
  for (const member of NUMBER_MEMBERS) if (typeof value[member] === "number") node[member] = value[member];
  if (value.backoff === "fixed" || value.backoff === "exponential") node.backoff = value.backoff;
  if (value.onUncertain === "retry" || value.onUncertain === "fail") node.onUncertain = value.onUncertain;
  if (value.disabled === true) node.disabled = true;
  const at = value.position;
  if (isObject(at) && typeof at.x === "number" && typeof at.y === "number")
    node.position = { x: at.x, y: at.y };
  return node as unknown as WorkflowNode;
}

function readEdge(value: Json, place: number): Edge {
  if (!isObject(value) || typeof value.from !== "string" || typeof value.to !== "string") {
    throw new DocumentError(`Edge ${place + 1} is not an edge: it needs the texts \`from\` and \`to\`.`);
  }
  return {
    from: value.from,
    fromPort: typeof value.fromPort === "string" ? value.fromPort : "output",
    to: value.to,
    toPort: typeof value.toPort === "string" ? value.toPort : "input",
  };
}

/** The JSON form that the server takes: defaults left out, positions rounded to whole pixels. */
export function writeDocument(document: WorkflowDocument): Schemas["WorkflowDocumentBody"] {
  const nodes = document.nodes.map((node) => {
    const { position, notes, disabled, ...rest } = node;
    return {
      ...rest,
      ...(position ? { position: { x: Math.round(position.x), y: Math.round(position.y) } } : {}),
      ...(disabled ? { disabled } : {}),
      ...(notes ? { notes } : {}),
    };
  });
  const edges = document.edges.map((edge) => ({
    from: edge.from,
    ...(edge.fromPort === "output" ? {} : { fromPort: edge.fromPort }),
    to: edge.to,
    ...(edge.toPort === "input" ? {} : { toPort: edge.toPort }),
  }));
  return {
    name: document.name,
    ...(document.description ? { description: document.description } : {}),
    ...(document.tags.length > 0 ? { tags: [...document.tags] } : {}),
    nodes,
    edges,
    settings: document.settings,
  };
}

/** A key that is the same for the same connection, for maps and for the canvas. */
export function edgeKey(edge: Edge): string {
  return `${edge.from}\u0000${edge.fromPort}\u0000${edge.to}\u0000${edge.toPort}`;
}

/** The node with this id. */
export function nodeById(document: WorkflowDocument, id: string): WorkflowNode | undefined {
  return document.nodes.find((node) => node.id === id);
}

/**
 * A name that none of `taken` has: the wished one, or the first free of "Wished 2", "Wished 3", ...
 *
 * A number at the end of the wished name is counted on, so that copies of "Call 2" become "Call 3".
 */
export function uniqueName(wished: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wished)) return wished;
  const stem = wished.replace(/ \d+$/, "");
  for (let number = 2; ; number += 1) {
    const name = `${stem} ${number}`;
    if (!taken.has(name)) return name;
  }
}

/** An id that none of `taken` has: short and readable, made of the type (`http`, `http2`, ...). */
export function uniqueId(type: string, taken: ReadonlySet<string>): string {
  const stem = type.charAt(0).toLowerCase() + type.slice(1).replace(/(Request|Trigger)$/, "");
  const word = /^[A-Z]+$/.test(type) ? type.toLowerCase() : stem.replace(/^hTTP$/, "http");
  if (!taken.has(word)) return word;
  for (let number = 2; ; number += 1) {
    if (!taken.has(`${word}${number}`)) return `${word}${number}`;
  }
}

/** Whether two JSON values have the same content; the order of members does not count. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, place) => sameJson(item, right[place]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && sameJson(left[name], right[name]))
  );
}
