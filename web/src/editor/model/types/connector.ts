/** The Connector node: one operation of a service. Its fields are those of the operation. */

import type { WorkflowNode } from "../document.ts";
import type { NodeType } from "../nodeTypes.ts";
import { labelOf } from "../schema.ts";

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

/** What the canvas says below the name: what is called, and where. */
export function connectorSubtitle(node: Pick<WorkflowNode, "connector" | "operation">): string {
  if (!node.connector) return "No service chosen";
  if (!node.operation) return "No operation chosen";
  return labelOf(node.operation.replace(/^.*\//, ""));
}
