/** What calls an operation of a service, and what waits for an event of one. Their fields are the service's own. */

import type { Schema } from "../../../catalog/types.ts";
import type { WorkflowNode } from "../document.ts";
import type { Field } from "../fields.ts";
import type { NodeType } from "../nodeTypes.ts";
import { fieldsOf, labelOf } from "../schema.ts";
import { OPTIONS } from "./triggers.ts";

/** The Connector node. The palette offers services and their operations instead of it. */
export const CONNECTOR: NodeType = {
  type: "Connector",
  label: "Service",
  summary: "Calls an operation of a service with a credential of yours.",
  category: "call",
  icon: "plug",
  words: ["connector", "integration", "app", "api", "operation"],
  credential: "service",
  retries: true,
  fields: [],
  defaults: {},
};

/** How often a service is asked that sends nothing by itself. */
export const POLL_MINUTES: Field = {
  kind: "number",
  name: "pollMinutes",
  label: "Ask every … minutes",
  min: 1,
  max: 10,
  fixed: true,
  fallback: 5,
  help: "From 1 to 10. What is there when the workflow is activated is old, and starts nothing.",
};

/** The trigger that waits for an event of a service. */
export const CONNECTOR_TRIGGER: NodeType = {
  type: "ConnectorTrigger",
  label: "Service event",
  summary: "Begins when something happens at a service: a push, a new order, a message.",
  category: "trigger",
  icon: "radio",
  words: ["connector", "event", "app", "integration", "trigger", "poll", "webhook", "new"],
  trigger: true,
  credential: "service",
  fields: [POLL_MINUTES, ...OPTIONS],
  defaults: {},
};

/** What an event asks for. It is fixed: there is no run yet to refer to. */
export const eventFields = (input: Schema): readonly Field[] =>
  fieldsOf({ input, hints: {} }).map((field) => ({ ...field, fixed: true }));

/** What the canvas says below the name of a trigger: which event, and of whom. */
export function eventSubtitle(node: Pick<WorkflowNode, "connector" | "event">): string {
  if (!node.connector) return "No service chosen";
  return node.event ? labelOf(node.event) : "No event chosen";
}

/** What the canvas says below the name: what is called, and where. */
export function connectorSubtitle(node: Pick<WorkflowNode, "connector" | "operation">): string {
  if (!node.connector) return "No service chosen";
  if (!node.operation) return "No operation chosen";
  return labelOf(node.operation.replace(/^.*\//, ""));
}
