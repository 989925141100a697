/** The audit log in words. */
import type { AuditEntry } from "../api/types.ts";

/** What comes before its outcome is known says so. */
const BEGUN: Record<string, string> = {
  "credential.use_intent": "Credential use begun",
  "credential.refresh_intent": "Credential refresh begun",
};

/** `credential.scopeChanged` as `Credential scope changed`. */
export function actionLabel(action: string): string {
  const begun = BEGUN[action];
  if (begun) return begun;
  const words = action
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[._-]+/g, " ")
    .toLowerCase();
  return (words.charAt(0).toUpperCase() + words.slice(1)).replace(
    /\b(api|mfa|totp|oauth|url|id)\b/gi,
    (word) => (word.toLowerCase() === "oauth" ? "OAuth" : word.toUpperCase()),
  );
}

/** Gives the name of a person; an identifier that belongs to nobody here stays as it is. */
export type NameOf = (user: string) => string;

/** Who it was: a person, one of their keys or runs, or Flero itself. */
export function actorLabel(actor: AuditEntry["actor"], nameOf: NameOf = (user) => user): string {
  if (actor.kind === "system") return "Flero itself";
  const person = nameOf(actor.user);
  const isMine = person === "You";
  if (actor.kind === "apiKey") return isMine ? "Your API key" : `API key of ${person}`;
  if (actor.kind === "run") return isMine ? "Your run" : `Run for ${person}`;
  return person;
}

/** The run that a record is about, or that did it. */
export const executionOf = ({ actor, detail }: AuditEntry): string | undefined =>
  actor.kind === "run" ? actor.execution : detail.execution;

const TYPE_ID = /^[a-z]+_[0-9a-hjkmnp-tv-z]{26}$/;

/** Whether a text is the identifier of an object. */
export const isObjectId = (text: unknown): text is string => typeof text === "string" && TYPE_ID.test(text);

/** A value of the details as a text; a list with commas between. */
const valueText = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(String).join(", ")
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

/** The details as names and values, in the order of the record. The server writes names, identifiers and counts only. */
export const detailPairs = (detail: AuditEntry["detail"]): [name: string, value: string][] =>
  Object.entries(detail).map(([name, value]) => [actionLabel(name), valueText(value)]);

/**
 * What a line has room for: what it was done to, by the name that it has now or had then, what changed, where, and how
 * it ended where it did not end well. No identifiers, which say nothing to a reader.
 */
export function detailText(
  { detail, target }: Pick<AuditEntry, "detail" | "target">,
  nameOf: NameOf,
): string {
  const { from, to, host, node, attempt, purpose, status, outcome, fields, count: amount, version } = detail;
  const known = (id: string | undefined) => (id && nameOf(id) !== id ? nameOf(id) : undefined);
  const change = [from, to].filter((value) => value && !isObjectId(value)).join(" → ");
  const parts = [
    detail.name ?? known(target) ?? known(detail.credential),
    known(detail.workflow),
    change,
    host,
    node && `node ${node}`,
    attempt && attempt > 1 && `attempt ${attempt}`,
    purpose && purpose !== "node" && actionLabel(purpose).toLowerCase(),
    status && status >= 400 && `status ${status}`,
    outcome && outcome !== "success" && outcome,
    // A name of somebody's own, such as a variable's, stands as it is.
    fields?.map((field) => (/^[A-Z_]/.test(field) ? field : actionLabel(field).toLowerCase())).join(", ") ||
      (amount !== undefined && `${amount}`),
    version && `version ${version}`,
  ];
  return [...new Set(parts.filter((part) => part))].join(" · ");
}
