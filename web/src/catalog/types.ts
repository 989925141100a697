/**
 * Connectors as the API gives them. Its description leaves their bodies open, because descriptions of services are
 * data; these are the members that the interface reads.
 */

/** What lists show of a connector. */
export interface ConnectorSummary {
  id: string;
  name: string;
  description: string;
  tier: "curated" | "known" | "imported" | "marketplace";
  category: string;
  keywords: string[];
  version: string;
  authTypes: string[];
  operationCount: number;
  eventCount: number;
}

/** One thing that a way to authenticate asks of a person. */
export interface ConnectorField {
  name: string;
  label: string;
  help?: string;
  secret: boolean;
  optional: boolean;
  default?: string;
  choices?: string[];
  format: "text" | "multiline" | "hostLabel" | "host" | "url" | "email";
}

/** One permission with the reason to ask for it. */
export interface Permission {
  scope: string;
  reason: string;
  optional: boolean;
}

/** A way to authenticate. */
export interface AuthKind {
  id: string;
  authType: string;
  name: string;
  fields: ConnectorField[];
  oauth?: { grantType: string; permissions: Permission[] };
  test?: { method: string; url: string }[];
}

export interface OperationSummary {
  id: string;
  name: string;
  group: string;
  method: string;
  path: string;
  deprecated?: boolean;
}

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

export interface Trigger {
  id: string;
  name: string;
  description: string;
  payload: Schema | null;
  /** How it comes: Flero registers, a person enters the address, Flero asks. Null: a workflow cannot wait for it. */
  way: "registered" | "manual" | "polling" | null;
  /** What it asks for. */
  input: Schema;
  /** Whether the secret of its signatures is a field of the credential. */
  secretInCredential: boolean;
}

/** A connector with everything that its page shows. */
export interface Connector extends ConnectorSummary {
  documentation: string | null;
  baseUrl: string;
  hosts: { host: string; class: "fixed" | "label" | "listed" | "told" | "typed" }[];
  auth: AuthKind[];
  permissions: Record<string, string>;
  operations: OperationSummary[];
  triggers: Trigger[];
  guide: string;
}

/** Where the choices of an input come from: another operation, whose answer lists them. */
export interface DynamicOptions {
  operation: string;
  inputs?: Record<string, unknown>;
  /** JSON pointers: to the list in the answer, and from an entry to its value and its name. */
  items: string;
  value: string;
  label: string;
}

/** An operation with its inputs, its answer and an example. */
export interface Operation extends OperationSummary {
  description: string;
  input: Schema;
  output: Schema | null;
  hints: {
    order?: string[];
    example?: { inputs?: Record<string, unknown> };
    options?: Record<string, DynamicOptions>;
  };
}

/** What came of an import. */
export interface ImportResult {
  connector: ConnectorSummary;
  report: {
    operations: number;
    total: number;
    events: number;
    leftOut: { pointer: string; reason: string }[];
    moreLeftOut?: number;
  };
}
