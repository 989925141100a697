/** Connectors as the API gives them; the JSON Schemas in them are data of connectors, which its description leaves open. */
import type { components } from "#api";

type Schemas = components["schemas"];

export type ConnectorSummary = Schemas["ConnectorSummary"];
export type ConnectorField = Schemas["ConnectorField"];
export type Permission = Schemas["Permission"];
export type AuthKind = Schemas["AuthKind"];
export type OperationSummary = Schemas["OperationSummary"];
export type DynamicOptions = Schemas["DynamicOptions"];
export type ImportResult = Schemas["ImportBody"];

/** A JSON Schema, as far as tables show it. */
export interface Schema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  additionalProperties?: boolean | Schema;
  $ref?: string;
  $defs?: Record<string, Schema>;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

export type Trigger = Omit<Schemas["ConnectorEvent"], "input" | "payload"> & {
  input: Schema;
  payload: Schema | null;
};

/** A connector with everything that its page shows. */
export type Connector = Omit<Schemas["Connector"], "triggers"> & { triggers: Trigger[] };

/** An operation with its inputs, its answer and an example. */
export type Operation = Omit<Schemas["Operation"], "input" | "output"> & {
  input: Schema;
  output: Schema | null;
};
