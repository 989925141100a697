/** The scopes of a key in words: what it is about, and whether it reads or changes it. */

/** One thing that keys are given, with the scopes that give it. */
export interface Area {
  readonly name: string;
  /** What belongs to it that its name does not say. */
  readonly hint?: string;
  readonly read?: string;
  readonly write?: string;
}

export const AREAS: readonly Area[] = [
  {
    name: "Workflows",
    hint: "Their versions, and the variables.",
    read: "workflows:read",
    write: "workflows:write",
  },
  {
    name: "Executions",
    hint: "Write is to run, stop and replay.",
    read: "executions:read",
    write: "executions:write",
  },
  {
    name: "Credentials",
    hint: "What is known of them, never a secret.",
    read: "credentials:read",
    write: "credentials:write",
  },
  {
    name: "Connectors",
    hint: "The catalog and the Marketplace.",
    read: "connectors:read",
    write: "connectors:write",
  },
  {
    name: "Members",
    hint: "The workspace's settings and API keys, too.",
    read: "members:read",
    write: "members:write",
  },
  { name: "Audit log", read: "audit:read" },
];

/** What is neither read nor written. */
export const USES = [
  {
    scope: "proxy:use",
    name: "Call services through the proxy",
    hint: "With the credentials that its maker may use, without seeing a secret.",
  },
] as const;

/** A scope of the organization, which a form of its own makes. */
const ELSEWHERE: Record<string, string> = { "scim:provision": "Keep people up from a directory" };

const joined = new Intl.ListFormat("en", { type: "conjunction" });

/** What scopes come to, a line for each kind of it; everything there is needs one line alone. */
export function tellScopes(scopes: readonly string[]): string[] {
  const has = (scope: string | undefined) => scope !== undefined && scopes.includes(scope);
  const isWhole = ({ read, write }: Area) => [read, write].every((scope) => !scope || has(scope));
  if (AREAS.every(isWhole) && USES.every(({ scope }) => has(scope)))
    return ["Everything that its maker may do"];
  const named = (fits: (area: Area) => boolean) =>
    joined.format(AREAS.filter(fits).map(({ name }) => name.toLowerCase()));
  const lines = [
    ["Read and write", named(({ read, write }) => has(read) && has(write))],
    ["Read", named(({ read, write }) => has(read) && !has(write))],
    ["Write", named(({ read, write }) => !has(read) && has(write))],
  ].flatMap(([act, areas]) => (areas ? [`${act} ${areas}`] : []));
  const uses = USES.filter(({ scope }) => has(scope)).map(({ name }) => name);
  const others = scopes.flatMap((scope) => ELSEWHERE[scope] ?? []);
  return [...lines, ...uses, ...others];
}
