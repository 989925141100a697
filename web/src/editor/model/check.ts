/**
 * What is wrong with a document, as far as it can be known here: the same rules as the server's, so that a person
 * sees a fault while typing. The server's own answer is laid over it (see {@link placeOf}).
 */

import {
  isObject,
  type Json,
  type JsonObject,
  type WorkflowDocument,
  type WorkflowNode,
} from "./document.ts";
import { applicable, type Field, hasExpression } from "./fields.ts";
import { loopIntruder, topologicalOrder } from "./graph.ts";
import { describe, isKnown, outputPorts } from "./nodeTypes.ts";
import { referencedNames, segmentsOf } from "./references.ts";

/** One fault, with its place. */
export interface Fault {
  /** The node that it is about; absent for the workflow as a whole. */
  readonly node?: string;
  /** Members and places below the node, for example `["parameters", "url"]`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** `error` keeps the workflow from being saved; `warning` does not. */
  readonly level: "error" | "warning";
  /** The server's code, where it told the fault. */
  readonly code?: string;
}

/** The inputs of operations and events that are known here, by {@link operationKey} and {@link eventKey}. */
export type KnownOperations = ReadonlyMap<string, readonly Field[]>;
const NONE: KnownOperations = new Map();

/** What names an operation in {@link KnownOperations}. */
export const operationKey = (connector: string, operation: string): string =>
  `${connector}\u0000${operation}`;

/** What names an event in {@link KnownOperations}. */
export const eventKey = (connector: string, event: string): string => `${connector}\u0000\u0000${event}`;

/** Every fault of a document. */
export function check(document: WorkflowDocument, operations: KnownOperations = NONE): readonly Fault[] {
  return [
    ...checkGraph(document),
    ...document.nodes.flatMap((node) => checkNode(document, node, operations)),
  ];
}

/** Every fault of one node and its parameters. */
export function checkNode(
  document: WorkflowDocument,
  node: WorkflowNode,
  operations: KnownOperations = NONE,
): readonly Fault[] {
  const faults: Fault[] = [];
  const type = describe(node.type);
  if (node.name.trim() === "") faults.push(fault(node, ["name"], "Give the node a name."));
  if (node.type === "Connector") checkOperation(node, operations, faults);
  else if (node.type === "ConnectorTrigger") checkEvent(node, operations, faults);
  else if (isKnown(node.type)) checkFields(type.fields, node.parameters, ["parameters"], node, faults);
  if (
    node.type === "Wait" &&
    (node.parameters.durationMs === undefined) === (node.parameters.until === undefined)
  ) {
    faults.push(fault(node, ["parameters", "durationMs"], "Give either a duration or a time."));
  }
  const names = new Set(document.nodes.map((other) => other.name));
  if (node.type !== "Code") {
    for (const name of referencedNames(node.parameters)) {
      if (!names.has(name)) {
        faults.push({
          ...fault(node, ["parameters"], `An expression refers to “${name}”, but no node has this name.`),
          level: "warning",
        });
      }
    }
  }
  return faults;
}

/** Which operation a Connector node calls, and its inputs as far as the operation is known here. */
function checkOperation(node: WorkflowNode, operations: KnownOperations, faults: Fault[]): void {
  if (!node.connector) {
    faults.push(fault(node, ["connector"], "Choose a service."));
  } else if (!node.operation) {
    faults.push(fault(node, ["operation"], "Choose an operation."));
  } else {
    const fields = operations.get(operationKey(node.connector, node.operation));
    if (fields) checkFields(fields, node.parameters, ["parameters"], node, faults);
  }
}

/** Which event a trigger waits for, and what that asks for as far as it is known here. */
function checkEvent(node: WorkflowNode, operations: KnownOperations, faults: Fault[]): void {
  if (!node.connector) {
    faults.push(fault(node, ["connector"], "Choose a service."));
  } else if (!node.event) {
    faults.push(fault(node, ["event"], "Choose an event."));
  } else {
    const given = node.parameters.inputs;
    const fields = operations.get(eventKey(node.connector, node.event)) ?? [];
    checkFields(fields, isObject(given) ? given : {}, ["parameters", "inputs"], node, faults);
    checkFields(describe(node.type).fields, node.parameters, ["parameters"], node, faults);
  }
}

function fault(node: WorkflowNode, path: readonly (string | number)[], message: string): Fault {
  return { node: node.id, path, message, level: "error" };
}

function isMissing(value: Json | undefined): boolean {
  return value === undefined || value === null || value === "";
}

function checkFields(
  fields: readonly Field[],
  values: JsonObject,
  path: readonly (string | number)[],
  node: WorkflowNode,
  faults: Fault[],
): void {
  for (const field of applicable(fields, values)) {
    const at = [...path, field.name];
    const value = values[field.name];
    if (isMissing(value)) {
      if (field.required) faults.push(fault(node, at, `Give ${article(field.label)}.`));
      continue;
    }
    checkField(field, value as Json, at, node, faults);
  }
}

function article(label: string): string {
  const word = /^[A-Z]{2}/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1);
  return `a value for “${word}”`;
}

function checkField(
  field: Field,
  value: Json,
  at: readonly (string | number)[],
  node: WorkflowNode,
  faults: Fault[],
): void {
  const say = (message: string) => faults.push(fault(node, at, message));
  if (field.kind !== "code" && openExpression(value)) say("An expression is not closed: }} is missing.");
  if (hasExpression(value)) {
    if (field.fixed && field.kind !== "code")
      say("No expression is possible here: the value is needed before a run begins.");
    return;
  }
  switch (field.kind) {
    case "number":
    case "duration":
      if (!fitsNumber(field, value)) say(`Give ${rangeOf(field)}.`);
      break;
    case "choice":
      if (!field.choices.some((choice) => choice.value === value))
        say(`Choose one of: ${field.choices.map((choice) => choice.label).join(", ")}.`);
      break;
    case "text":
      if (field.maxLength && typeof value === "string" && value.length > field.maxLength)
        say(`Use at most ${field.maxLength} characters.`);
      if (field.name === "url" && typeof value === "string" && !/^https?:\/\//i.test(value.trim()))
        say("A URL begins with https:// or http://.");
      if (field.name === "port" && value === "error")
        say("The port `error` is there already; choose another name.");
      break;
    case "object":
      if (isObject(value)) checkFields(field.fields, value, at, node, faults);
      break;
    case "list":
      checkList(field, value, at, node, faults);
      break;
    default:
      break;
  }
}

type NumberLike = Field & { kind: "number" | "duration" };

const takesDecimals = (field: NumberLike) => field.kind === "number" && field.decimal === true;

function fitsNumber(field: NumberLike, value: Json): boolean {
  if (typeof value !== "number" || value < field.min || value > field.max) return false;
  return takesDecimals(field) || Number.isInteger(value);
}

/** The allowed numbers in words; a bound that the field does not have is left out. */
function rangeOf(field: NumberLike): string {
  const noun = takesDecimals(field) ? "a number" : "a whole number";
  if (field.kind === "duration") return `${noun} in the allowed range`;
  const least = field.min > Number.MIN_SAFE_INTEGER ? ` from ${field.min}` : "";
  const most = field.max < Number.MAX_SAFE_INTEGER ? ` ${least ? "" : "up "}to ${field.max}` : "";
  return `${noun}${least}${most}`;
}

function checkList(
  field: Field & { kind: "list" },
  value: Json,
  at: readonly (string | number)[],
  node: WorkflowNode,
  faults: Fault[],
): void {
  const items = Array.isArray(value) ? (value as readonly Json[]) : [];
  if (items.length < (field.least ?? 0))
    faults.push(fault(node, at, `Give at least one ${field.itemLabel}.`));
  if (items.length > field.most) faults.push(fault(node, at, `At most ${field.most} are taken.`));
  for (const [place, item] of items.entries()) {
    if (isObject(item)) checkFields(field.fields, item, [...at, place], node, faults);
  }
}

function openExpression(value: Json): boolean {
  if (typeof value === "string") return segmentsOf(value).some((segment) => segment.open === true);
  if (Array.isArray(value)) return (value as readonly Json[]).some(openExpression);
  return isObject(value) && Object.values(value).some(openExpression);
}

function checkGraph(document: WorkflowDocument): readonly Fault[] {
  const faults: Fault[] = [];
  const whole = (message: string): Fault => ({ path: [], message, level: "error" });
  const triggers = document.nodes.filter((node) => describe(node.type).trigger);
  if (triggers.length === 0) faults.push(whole("Add a trigger: a run begins there."));
  for (const isStart of [true, false]) {
    for (const node of triggers.filter((node) => (node.type === "Start") === isStart).slice(1)) {
      faults.push(fault(node, ["type"], "A workflow has one trigger; a Start node may stand beside it."));
    }
  }
  const seen = new Set<string>();
  for (const node of document.nodes) {
    if (seen.has(node.name))
      faults.push(fault(node, ["name"], "Another node has this name; names are unique."));
    seen.add(node.name);
  }
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  for (const edge of document.edges) {
    const from = byId.get(edge.from);
    if (!from || !byId.has(edge.to))
      faults.push(whole("A connection leads from or to a node that does not exist."));
    else if (isKnown(from.type) && !outputPorts(from).some((port) => port.name === edge.fromPort)) {
      faults.push(
        fault(
          from,
          ["ports", edge.fromPort],
          `A connection leaves by “${edge.fromPort}”, a port that this node no longer has.`,
        ),
      );
    }
  }
  if (topologicalOrder(document) === null)
    faults.push(whole("The connections form a cycle. To repeat steps, use a Loop node."));
  else {
    const intruder = loopIntruder(document);
    if (intruder)
      faults.push(fault(intruder.loop, [], "A connection leads into the body of this loop from outside."));
  }
  return faults;
}

/** A fault that the server told by a JSON pointer (RFC 6901), with its place in a document. */
export function placeOf(
  document: WorkflowDocument,
  told: { readonly pointer: string; readonly message: string; readonly code?: string },
  level: Fault["level"] = "error",
): Fault {
  const parts = told.pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const [list, place, ...rest] = parts;
  const common = { message: told.message, level, ...(told.code === undefined ? {} : { code: told.code }) };
  if (list === "nodes" && place !== undefined) {
    const node = document.nodes[Number(place)];
    if (node)
      return {
        node: node.id,
        path: rest.map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
        ...common,
      };
  }
  if (list === "edges" && place !== undefined) {
    const from = document.edges[Number(place)]?.from;
    if (from !== undefined) return { node: from, path: ["ports"], ...common };
  }
  return { path: parts, ...common };
}

/** The faults of each node, by its id. */
export function byNode(faults: readonly Fault[]): ReadonlyMap<string, readonly Fault[]> {
  const map = new Map<string, Fault[]>();
  for (const entry of faults) {
    if (entry.node === undefined) continue;
    const list = map.get(entry.node);
    if (list) list.push(entry);
    else map.set(entry.node, [entry]);
  }
  return map;
}
