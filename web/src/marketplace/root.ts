/** The root of a registry as a person gives it: a text that is checked before it is sent. */

/** What a root says of itself, or what is wrong with the text. */
export type Root =
  | { root: Record<string, unknown>; version: number; expires: string; threshold: number; keys: number }
  | { fault: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a `root.json`. The server checks its signatures; this finds the usual mistakes, such as another file. */
export function readRoot(text: string): Root {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return {
      fault: "This is no JSON. Give the whole content of root.json, from the first brace to the last.",
    };
  }
  const signed = isRecord(root) && isRecord(root.signed) ? root.signed : undefined;
  if (!isRecord(root) || !signed || !Array.isArray(root.signatures)) {
    return { fault: "This is no signed file of a registry. Give the root.json that its publisher gave you." };
  }
  if (signed._type !== "root") {
    return { fault: `This is the registry's ${String(signed._type)} file. Give its root.json.` };
  }
  const roles = isRecord(signed.roles) ? signed.roles : {};
  const own = isRecord(roles.root) ? roles.root : {};
  return {
    root,
    version: Number(signed.version),
    expires: String(signed.expires),
    threshold: Number(own.threshold),
    keys: Array.isArray(own.keyids) ? own.keyids.length : 0,
  };
}
