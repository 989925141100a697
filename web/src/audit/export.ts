/** The audit log as files. */
import type { AuditEntry } from "../api/types.ts";

/** One JSON object a line. */
export const asJsonLines = (entries: AuditEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");

/**
 * A CSV cell (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front: names in the log
 * are other people's text.
 */
export function cell(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A header line and one line for each entry. */
export function asCsv(entries: AuditEntry[]): string {
  const rows = entries.map(({ id, at, actor, action, target, detail }) => [
    id,
    at,
    actor,
    action,
    target,
    detail,
  ]);
  return [["id", "at", "actor", "action", "target", "detail"], ...rows]
    .map((row) => `${row.map(cell).join()}\r\n`)
    .join("");
}

/** Gives a text to the browser to save. */
export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
