/** Paths into data, as expressions write them, and searching in data. */

import type { Json } from "../../editor/model/document.ts";

/** A member or a place. */
export type Step = string | number;

/** A path as an expression continues it: `.body.items[0]["a b"]`. */
export function pathText(path: readonly Step[]): string {
  return path
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("");
}

/** The members of a value, or nothing for what has none. */
export function membersOf(value: Json): readonly (readonly [Step, Json])[] {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, place) => [place, item] as const);
  if (typeof value === "object" && value !== null) return Object.entries(value);
  return [];
}

/** Whether a name or a value below holds the words that are looked for (in lower case). */
export function holds(name: Step, value: Json, wanted: string): boolean {
  if (String(name).toLowerCase().includes(wanted)) return true;
  const members = membersOf(value);
  if (members.length > 0) return members.some(([member, item]) => holds(member, item, wanted));
  return String(value).toLowerCase().includes(wanted);
}

/** Whether a name itself is what is looked for; then all that is below it belongs to it. */
export const isNamed = (name: Step, wanted: string): boolean => String(name).toLowerCase().includes(wanted);

/** The part of a value that holds the words that are looked for, however deep they stand. */
export function narrowed(value: Json, wanted: string): Json {
  if (wanted === "") return value;
  const kept = membersOf(value)
    .filter(([name, item]) => holds(name, item, wanted))
    .map(([name, item]) => [name, isNamed(name, wanted) ? item : narrowed(item, wanted)] as const);
  if (Array.isArray(value)) return kept.map(([, item]) => item);
  if (typeof value === "object" && value !== null) return Object.fromEntries(kept);
  return value;
}

/** How deep a list may stand that a table shows. */
const DEEPEST = 4;

const isList = (value: Json): value is readonly Json[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => typeof item === "object" && item !== null && !Array.isArray(item));

/** The longest list of objects in a value, and where it stands: what an answer is about is seldom at its top. */
export function listIn(
  value: Json,
  path: readonly Step[] = [],
): { readonly path: readonly Step[]; readonly list: readonly Json[] } | null {
  if (isList(value)) return { path, list: value };
  if (Array.isArray(value) || path.length >= DEEPEST) return null;
  return membersOf(value)
    .map(([name, item]) => listIn(item, [...path, name]))
    .reduce((best, found) => ((found?.list.length ?? 0) > (best?.list.length ?? 0) ? found : best), null);
}

/** The rows and columns of a value that is a list of objects; null for anything else. */
export function tableOf(
  value: Json,
): { readonly columns: readonly string[]; readonly rows: readonly Json[] } | null {
  const list = Array.isArray(value) ? (value as readonly Json[]) : [value];
  if (
    list.length === 0 ||
    !list.every((item) => typeof item === "object" && item !== null && !Array.isArray(item))
  )
    return null;
  const columns: string[] = [];
  for (const item of list.slice(0, 200)) {
    for (const name of Object.keys(item as object)) if (!columns.includes(name)) columns.push(name);
  }
  return columns.length > 0 ? { columns, rows: list } : null;
}

/** A value in one line. */
export function inLine(value: Json | undefined, most = 120): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** The bytes of a value as JSON, in words. */
export function sizeText(value: Json): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
