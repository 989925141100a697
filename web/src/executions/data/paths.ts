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

/** The part of a value that holds the words that are looked for. */
export function narrowed(value: Json, wanted: string): Json {
  if (wanted === "") return value;
  if (Array.isArray(value))
    return (value as readonly Json[]).filter((item, place) => holds(place, item, wanted));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).filter(([name, item]) => holds(name, item, wanted)));
  }
  return value;
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
