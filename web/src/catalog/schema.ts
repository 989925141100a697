/** A JSON Schema as rows of a table: what there is, of what type, and what it means. Pure. */
import type { Schema } from "./types.ts";

export interface SchemaRow {
  name: string;
  /** How deep it stands inside of others. */
  depth: number;
  type: string;
  isRequired: boolean;
  text: string;
}

/** Deeper parts are named by their type alone. */
const MAX_DEPTH = 2;
const MAX_ROWS = 200;

const REF = /^#\/\$defs\/(.+)$/;

/** A schema with its reference followed; one that leads in a circle stays what it is. */
export function resolved(schema: Schema, root: Schema): Schema {
  let now = schema;
  for (let step = 0; step < 8 && now.$ref; step++) {
    const name = REF.exec(now.$ref)?.[1]?.replaceAll("~1", "/").replaceAll("~0", "~");
    const next = name === undefined ? undefined : root.$defs?.[decodeURIComponent(name)];
    if (!next) return now;
    now = now.description ? { ...next, description: now.description } : next;
  }
  return now;
}

/** The members of everything that has to hold at once. */
function merged(schema: Schema, root: Schema): Schema {
  if (!schema.allOf) return schema;
  const parts = schema.allOf.map((part) => merged(resolved(part, root), root));
  return {
    ...schema,
    properties: Object.assign({}, ...parts.map((part) => part.properties ?? {}), schema.properties ?? {}),
    required: [...parts.flatMap((part) => part.required ?? []), ...(schema.required ?? [])],
  };
}

/** What people call a type: `text`, `list of numbers`, `one of: a, b`. */
export function typeText(given: Schema, root: Schema, depth = 0): string {
  const schema = resolved(given, root);
  if (schema.const !== undefined) return `always ${JSON.stringify(schema.const)}`;
  if (schema.enum) {
    const shown = schema.enum
      .slice(0, 6)
      .map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
    return `one of: ${shown.join(", ")}${schema.enum.length > 6 ? ", …" : ""}`;
  }
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices && depth < 2) {
    return [...new Set(choices.map((choice) => typeText(choice, root, depth + 1)))].join(" or ");
  }
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type ?? ""]).filter(
    (type) => type !== "null",
  );
  const words = types.map((type) => {
    if (type === "array")
      return schema.items && depth < 2 ? `list of ${typeText(schema.items, root, depth + 1)}` : "list";
    if (type === "string") return schema.format ? `text (${schema.format})` : "text";
    return (
      { integer: "whole number", number: "number", boolean: "true or false", object: "object" }[type] ?? ""
    );
  });
  return words.filter(Boolean).join(" or ") || (schema.properties || schema.allOf ? "object" : "anything");
}

/** The rows of an object's members, those that are needed first. */
export function rowsOf(schema: Schema, order: readonly string[] = []): SchemaRow[] {
  const rows: SchemaRow[] = [];
  const walk = (given: Schema, depth: number, seen: readonly Schema[]) => {
    const object = merged(resolved(given, schema), schema);
    const rank = (name: string) => {
      const at = depth === 0 ? order.indexOf(name) : -1;
      return (object.required?.includes(name) ? 0 : 1_000) + (at === -1 ? 500 : at);
    };
    const members = Object.entries(object.properties ?? {}).sort(([a], [b]) => rank(a) - rank(b));
    for (const [name, member] of members) {
      if (rows.length >= MAX_ROWS) return;
      const inner = resolved(member, schema);
      rows.push({
        name,
        depth,
        type: typeText(member, schema),
        isRequired: object.required?.includes(name) ?? false,
        text: inner.description ?? "",
      });
      const below = inner.type === "array" && inner.items ? resolved(inner.items, schema) : inner;
      if (depth < MAX_DEPTH && !seen.includes(below)) walk(below, depth + 1, [...seen, below]);
    }
  };
  const top = resolved(schema, schema);
  walk(top.type === "array" && top.items ? top.items : schema, 0, [top]);
  return rows;
}
