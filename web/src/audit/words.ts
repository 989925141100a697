/** The audit log in words. */

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

/** Who it was: `You`, or the kind and the identifier. */
export function actorLabel(actor: unknown, me?: string): string {
  if (typeof actor !== "object" || actor === null) return "";
  const { kind, user, key } = actor as Record<string, string | undefined>;
  const person = user !== undefined && user === me ? "You" : user;
  if (kind === "user") return person ?? "Somebody";
  return [actionLabel(kind ?? ""), key ?? "", person && `of ${person.toLowerCase()}`]
    .filter(Boolean)
    .join(" ");
}

/** The details that a line has room for. Values are names, identifiers and counts; the server writes nothing else. */
export function detailText(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .filter(([name, value]) => !/Id$/.test(name) && ["string", "number", "boolean"].includes(typeof value))
    .map(([name, value]) => `${actionLabel(name).toLowerCase()}: ${String(value)}`)
    .join(", ");
}
