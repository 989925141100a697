/**
 * How the parameters of a node are described, so that one form can show all of them and one check can judge them.
 *
 * A description is data: what the server takes for a type (docs/guide/nodes.md), with labels, help and limits.
 */

import { isObject, type Json, type JsonObject } from "./document.ts";

interface Common {
  /** The member of `parameters` (or of the enclosing object). */
  readonly name: string;
  /** What people read. */
  readonly label: string;
  /** One sentence of help below the field. */
  readonly help?: string;
  /** Has to be given. */
  readonly required?: boolean;
  /** Takes no expression: it is known before a run. */
  readonly fixed?: boolean;
  readonly placeholder?: string;
  /** What holds when it is not given; shown, never written. */
  readonly fallback?: Json;
  /** Whether it applies, judged by its neighbours. */
  readonly when?: (neighbours: JsonObject) => boolean;
  /** Under which heading of the form; the first group has none. */
  readonly group?: string;
}

/** A choice of words. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly help?: string;
}

/** One parameter. */
export type Field =
  | (Common & { readonly kind: "text"; readonly multiline?: boolean; readonly maxLength?: number })
  | (Common & { readonly kind: "choice"; readonly choices: readonly Choice[]; readonly buttons?: boolean })
  | (Common & {
      readonly kind: "number";
      readonly min: number;
      readonly max: number;
      /** Whether it need not be a whole number. */
      readonly decimal?: boolean;
    })
  | (Common & { readonly kind: "duration"; readonly min: number; readonly max: number })
  /** On or off; an explicit one has "not given" as a third state, for services that tell it from "no". */
  | (Common & { readonly kind: "flag"; readonly explicit?: boolean })
  /** An object of names and values. */
  | (Common & { readonly kind: "pairs"; readonly nameLabel?: string })
  /** Any value: text with expressions, or JSON. */
  | (Common & { readonly kind: "value"; readonly json?: boolean })
  | (Common & { readonly kind: "code"; readonly language: "javascript" })
  | (Common & { readonly kind: "workflow" })
  | (Common & { readonly kind: "moment" })
  | (Common & { readonly kind: "texts"; readonly oneOf?: readonly Choice[] })
  | (Common & { readonly kind: "object"; readonly fields: readonly Field[] })
  | (Common & {
      readonly kind: "list";
      readonly fields: readonly Field[];
      readonly least?: number;
      readonly most: number;
      readonly itemLabel: string;
      /** What a new entry begins with. */
      readonly template: JsonObject;
    });

/** Whether a value holds an expression, so that its type is known only when the node runs. */
export function hasExpression(value: unknown): boolean {
  return typeof value === "string" && /(^|[^\\])(\\\\)*\{\{/.test(value);
}

/** The fields that apply beside these values. */
export function applicable(fields: readonly Field[], values: JsonObject): readonly Field[] {
  return fields.filter((field) => !field.when || field.when(values));
}

/** The value at a path of members and places, or undefined. */
export function valueAt(root: Json | undefined, path: readonly (string | number)[]): Json | undefined {
  let value: Json | undefined = root;
  for (const part of path) {
    if (Array.isArray(value) && typeof part === "number") value = value[part] as Json | undefined;
    else if (isObject(value) && Object.hasOwn(value, String(part))) value = value[String(part)];
    else return undefined;
  }
  return value;
}

/**
 * The same value with another one at a path; undefined removes it. Objects that do not exist yet are made, an entry
 * that is removed from an array closes the gap.
 */
export function withValueAt(
  root: Json | undefined,
  path: readonly (string | number)[],
  value: Json | undefined,
): Json {
  const [head, ...rest] = path;
  if (head === undefined) return value ?? null;
  if (typeof head === "number") {
    const items = Array.isArray(root) ? [...(root as readonly Json[])] : [];
    if (value === undefined && rest.length === 0) items.splice(head, 1);
    else items[head] = withValueAt(items[head], rest, value);
    return items;
  }
  const members: Record<string, Json> = isObject(root) ? { ...root } : {};
  if (value === undefined && rest.length === 0) delete members[head];
  else members[head] = withValueAt(members[head], rest, value);
  return members;
}
