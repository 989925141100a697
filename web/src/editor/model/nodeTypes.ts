/**
 * Every node type that the server knows: what it is for, which ports it has, what it takes.
 *
 * The palette, the inspector, the canvas and the check of a node all read these descriptions.
 */

import type { JsonObject, WorkflowNode } from "./document.ts";
import { isObject } from "./document.ts";
import type { Field } from "./fields.ts";
import { CONNECTOR, CONNECTOR_TRIGGER, connectorSubtitle, eventSubtitle } from "./types/connector.ts";
import { DATABASE } from "./types/database.ts";
import { HTTP_REQUEST } from "./types/http.ts";
import { LOGIC } from "./types/logic.ts";
import { STEPS } from "./types/steps.ts";
import { TRIGGERS } from "./types/triggers.ts";

/** Where a type stands in the palette. */
export type Category = "trigger" | "call" | "logic" | "data" | "flow";

/** What the colour of a port says. */
export type PortTone = "plain" | "good" | "bad" | "error";

/** An output port. */
export interface Port {
  readonly name: string;
  readonly label: string;
  readonly tone: PortTone;
}

/** A node type. */
export interface NodeType {
  readonly type: string;
  /** What people call it; also the first name of a new node. */
  readonly label: string;
  /** One sentence for the palette. */
  readonly summary: string;
  readonly category: Category;
  /** The name of the icon in the icon set. */
  readonly icon: string;
  /** Further words by which it is found. */
  readonly words: readonly string[];
  readonly trigger?: boolean;
  /** Whether a credential can be named: of a service, or an inbound one. */
  readonly credential?: "service" | "inbound";
  /** Whether attempts can be repeated. */
  readonly retries?: boolean;
  readonly fields: readonly Field[];
  /** What a new node begins with. */
  readonly defaults: JsonObject;
  /** Its ports besides `error`; without it, `output`. */
  readonly ports?: (parameters: JsonObject) => readonly Port[];
  /** A line on the canvas that says what it does, from its parameters. */
  readonly subtitle?: (parameters: JsonObject) => string;
}

/** The headings of the palette, in order. */
export const CATEGORIES: readonly { readonly id: Category; readonly label: string }[] = [
  { id: "trigger", label: "Triggers" },
  { id: "call", label: "Call something" },
  { id: "logic", label: "Decide" },
  { id: "data", label: "Shape data" },
  { id: "flow", label: "Repeat, wait and end" },
];

/** Every type, in the order of the palette. */
export const NODE_TYPES: readonly NodeType[] = [
  ...TRIGGERS,
  CONNECTOR_TRIGGER,
  HTTP_REQUEST,
  CONNECTOR,
  DATABASE,
  ...LOGIC,
  ...STEPS,
];

const BY_TYPE = new Map(NODE_TYPES.map((type) => [type.type, type]));

/** A type that this version of the editor has no description of: shown as it is, edited as JSON. */
function unknownType(type: string): NodeType {
  return {
    type,
    label: type,
    summary: "This editor has no form for this type; its parameters are edited as JSON.",
    category: "call",
    icon: "box",
    words: [],
    trigger: type.endsWith("Trigger"),
    fields: [],
    defaults: {},
  };
}

/** The description of a type. */
export function describe(type: string): NodeType {
  return BY_TYPE.get(type) ?? unknownType(type);
}

/** Whether the type has a description of its own. */
export function isKnown(type: string): boolean {
  return BY_TYPE.has(type);
}

const OUTPUT: Port = { name: "output", label: "", tone: "plain" };
const ERROR: Port = { name: "error", label: "error", tone: "error" };

/** The output ports of a node, `error` last where it has one. */
export function outputPorts(node: Pick<WorkflowNode, "type" | "parameters">): readonly Port[] {
  const type = describe(node.type);
  const own = type.ports?.(isObject(node.parameters) ? node.parameters : {}) ?? [OUTPUT];
  const unique = own.filter((port, place) => own.findIndex((other) => other.name === port.name) === place);
  return type.trigger ? unique : [...unique, ERROR];
}

/** A line that says what a node does, for the canvas and the palette. */
export function subtitleOf(
  node: Pick<WorkflowNode, "type" | "parameters" | "connector" | "operation" | "event">,
): string {
  if (node.type === "Connector") return connectorSubtitle(node);
  if (node.type === "ConnectorTrigger") return eventSubtitle(node);
  return describe(node.type).subtitle?.(node.parameters) ?? describe(node.type).label;
}

/**
 * The types that fit a search, best first: the beginning of a label before a word in it, before other words.
 * An empty search gives all of them in their order.
 */
export function searchTypes(query: string): readonly NodeType[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return NODE_TYPES;
  const scored = NODE_TYPES.map((type, place) => ({ type, place, score: score(type, wanted) }));
  return scored
    .filter((entry) => entry.score > 0)
    .sort((left, right) => right.score - left.score || left.place - right.place)
    .map((entry) => entry.type);
}

function score(type: NodeType, wanted: string): number {
  const label = type.label.toLowerCase();
  if (label.startsWith(wanted)) return 4;
  if (label.includes(wanted)) return 3;
  if (type.type.toLowerCase().includes(wanted) || type.words.some((word) => word.startsWith(wanted)))
    return 2;
  return wanted.length > 2 && type.summary.toLowerCase().includes(wanted) ? 1 : 0;
}
