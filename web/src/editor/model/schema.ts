/**
 * The inputs of an operation as fields of a form, made of their JSON Schema.
 *
 * What a form has no control for (an object, a list of objects, alternatives) is JSON with an example of its shape.
 */

import type { Operation, Schema } from "../../catalog/types.ts";
import { isObject, type Json, type JsonObject } from "./document.ts";
import type { Choice, Field } from "./fields.ts";

/** The heading under which a form shows what need not be given. */
export const OPTIONAL = "Optional";

/** How many references are followed, one in the other; a schema may refer to itself. */
const MOST_REFERENCES = 16;
/** How deep an example of a shape goes. */
const MOST_DEPTH = 3;
/** How many members an example of a shape has. */
const MOST_MEMBERS = 6;

type Defs = Readonly<Record<string, Schema>>;

/** A schema without references and with the parts of `allOf` in one; what is said beside a reference counts more. */
export function resolved(schema: Schema, defs: Defs, left = MOST_REFERENCES): Schema {
  if (left === 0) return {};
  let found = schema;
  if (schema.$ref !== undefined) {
    const { $ref, ...beside } = schema;
    const name = decodeURIComponent($ref.replace(/^#\/\$defs\//, ""))
      .replaceAll("~1", "/")
      .replaceAll("~0", "~");
    found = { ...resolved(defs[name] ?? {}, defs, left - 1), ...beside };
  }
  if (!found.allOf) return found;
  const { allOf, ...beside } = found;
  const parts = allOf.map((part) => resolved(part, defs, left - 1));
  const required = [...parts, beside].flatMap((part) => part.required ?? []);
  const properties = Object.assign({}, ...[...parts, beside].map((part) => part.properties ?? {}));
  const joined: Schema = Object.assign({}, ...parts, beside);
  return {
    ...joined,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** The types that a schema takes besides null; `enum` and `properties` tell one that is not written. */
function typesOf(schema: Schema): readonly string[] {
  const told = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? [] : [schema.type];
  if (told.length > 0) return told.filter((type) => type !== "null");
  if (schema.properties) return ["object"];
  if (schema.items) return ["array"];
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  return [...new Set(values.filter((value) => value !== null).map((value) => typeof value as string))];
}

/** An example of the shape that a schema asks for, to begin with. */
function shapeOf(schema: Schema, defs: Defs, depth = 0): Json {
  const plain = resolved(schema, defs);
  const given = plain.examples?.[0] ?? plain.default ?? plain.const ?? plain.enum?.[0];
  if (given !== undefined) return given as Json;
  const [type] = typesOf(plain);
  if (type === "array")
    return depth < MOST_DEPTH && plain.items ? [shapeOf(plain.items, defs, depth + 1)] : [];
  if (type === "object" || plain.properties) {
    const members = Object.entries(plain.properties ?? {});
    const wanted = members.filter(([name]) => plain.required?.includes(name));
    const shown = (wanted.length > 0 ? wanted : members).slice(0, MOST_MEMBERS);
    if (depth >= MOST_DEPTH) return {};
    return Object.fromEntries(shown.map(([name, member]) => [name, shapeOf(member, defs, depth + 1)]));
  }
  const first = plain.oneOf?.[0] ?? plain.anyOf?.[0];
  if (first && depth < MOST_DEPTH) return shapeOf(first, defs, depth + 1);
  return type === "number" || type === "integer" ? 0 : type === "boolean" ? true : "…";
}

/** The first sentence or two of a description, without the marks of Markdown. */
export function helpOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const plain = text
    // An address in angle brackets is no mark.
    .replace(/<\/?[a-z][^<>@]*>/gi, " ")
    .replace(/\[([^\]]+)\]\s?\([^)]*\)/g, "$1")
    .replace(/[*`]|^#+ /gm, "")
    .replace(/\s+/g, " ")
    .trim();
  if (plain.length <= 220) return plain || undefined;
  const end = plain.slice(0, 220).lastIndexOf(". ");
  return end > 60 ? plain.slice(0, end + 1) : `${plain.slice(0, 200).replace(/\s\S*$/, "")} …`;
}

/** Names of texts that people write in several lines. */
const LONG = /^(text|html|body|content|markdown|message|description|comment|notes?|query|sql)$/i;

/** Words that are written in capitals. */
const CAPITALS = /^(id|url|api|ip|html|json|csv|utc)$/;

/** A name such as `thread_ts` or `createdAt` in words: "Thread ts", "Created at". */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[\s_\-.[\]]+/)
    .filter(Boolean)
    .map((word) => (/^[A-Z][^A-Z]*$/.test(word) ? word.toLowerCase() : word))
    .map((word) => (CAPITALS.test(word) ? word.toUpperCase() : word));
  const text = words.join(" ");
  return text === "" ? name : text.charAt(0).toUpperCase() + text.slice(1);
}

const textOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);

const choicesOf = (values: readonly unknown[]): readonly Choice[] =>
  [...new Set(values.filter((value): value is string => typeof value === "string"))].map((value) => ({
    value,
    label: value === "" ? "(empty)" : value,
  }));

/** One input as a field. */
export function fieldOf(name: string, schema: Schema, defs: Defs, required: boolean): Field {
  const plain = resolved(schema, defs);
  const types = typesOf(plain);
  const help = helpOf(plain.description);
  const example = textOf(plain.examples?.[0]);
  const common = {
    name,
    label: labelOf(name),
    ...(help ? { help } : {}),
    ...(required ? { required } : { group: OPTIONAL }),
    ...(plain.default === undefined ? {} : { fallback: plain.default as Json }),
    ...(example === undefined ? {} : { placeholder: example }),
  };
  const only = types.length === 1 ? types[0] : undefined;
  const values = plain.enum ?? (plain.const === undefined ? undefined : [plain.const]);
  if (only === "string" && values) return { ...common, kind: "choice", choices: choicesOf(values) };
  if (only === "string" && !plain.oneOf && !plain.anyOf) {
    return {
      ...common,
      kind: "text",
      ...(LONG.test(name) && !plain.format ? { multiline: true } : {}),
      ...(plain.maxLength ? { maxLength: plain.maxLength } : {}),
    };
  }
  if (only === "boolean") return { ...common, kind: "flag", explicit: true };
  if ((only === "integer" || only === "number") && !values) {
    const least = plain.minimum ?? Number.MIN_SAFE_INTEGER;
    const most = plain.maximum ?? Number.MAX_SAFE_INTEGER;
    return {
      ...common,
      kind: "number",
      min: least,
      max: most,
      ...(only === "number" ? { decimal: true } : {}),
    };
  }
  if (only === "array" && plain.items) {
    const item = resolved(plain.items, defs);
    const ofTexts = typesOf(item).length === 1 && typesOf(item)[0] === "string" && !item.oneOf && !item.anyOf;
    if (ofTexts) return { ...common, kind: "texts", ...(item.enum ? { oneOf: choicesOf(item.enum) } : {}) };
  }
  if (only === "object" && !plain.properties && isTextMap(plain)) {
    return { ...common, kind: "pairs" };
  }
  const shape = shapeOf(plain, defs);
  const isStructure = isObject(shape) || Array.isArray(shape);
  const placeholder = isStructure ? JSON.stringify(shape, null, 2) : textOf(shape);
  return { ...common, kind: "value", json: isStructure, ...(placeholder ? { placeholder } : {}) };
}

function isTextMap(schema: Schema): boolean {
  const members = schema.additionalProperties;
  return typeof members === "object" && members !== null && members.type === "string";
}

/** The inputs of an operation: what it needs first, then in the order that its connector gives, then the others. */
export function fieldsOf(operation: Pick<Operation, "input" | "hints">): readonly Field[] {
  const defs = operation.input.$defs ?? {};
  const input = resolved(operation.input, defs);
  const names = Object.keys(input.properties ?? {});
  const order = operation.hints.order ?? [];
  const isRequired = (name: string) => input.required?.includes(name) ?? false;
  const place = (name: string) => {
    const at = order.indexOf(name);
    return (isRequired(name) ? 0 : 10_000) + (at < 0 ? 1_000 : at);
  };
  return names
    .map((name, at) => ({ name, rank: place(name), at }))
    .sort((left, right) => left.rank - right.rank || left.at - right.at)
    .map(({ name }) => {
      const field = fieldOf(name, input.properties?.[name] ?? {}, defs, isRequired(name));
      // What the connector puts first is shown with what is needed, although it need not be given.
      if (!order.includes(name) || !field.group) return field;
      const { group: _, ...shown } = field;
      return shown as Field;
    });
}

/** Which of the parameters an operation has no input for: left from another one. */
export function strangers(parameters: JsonObject, fields: readonly Field[]): readonly string[] {
  const known = new Set(fields.map((field) => field.name));
  return Object.keys(parameters).filter((name) => !known.has(name));
}
