/** The audit log in words. */
import type { AuditEntry } from "../api/types.ts";

/** `credential.scopeChanged` as `Credential scope changed`. */
export function actionLabel(action: string): string {
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

/** What a reader looks for first; the others follow as they stand, numbers of revisions at the end. */
const rankOf = (name: string): number => (name === "name" ? 0 : name === "secretRevision" ? 2 : 1);

/** The details that a line has room for: no identifiers, which say nothing to a reader. */
export function detailText(detail: AuditEntry["detail"]): string {
  return Object.entries(detail)
    .filter(([, value]) => !isObjectId(value))
    .sort(([one], [other]) => rankOf(one) - rankOf(other))
    .map(([name, value]) => `${actionLabel(name).toLowerCase()}: ${valueText(value)}`)
    .join(", ");
}
