/** Where the second key after `G` leads. */

/** A section of the interface. */
export type Place =
  | "/workflows"
  | "/logs"
  | "/settings/credentials"
  | "/catalog"
  | "/marketplace"
  | "/settings/members"
  | "/settings/variables"
  | "/settings/audit"
  | "/docs";

export const GO: Record<string, { to: Place; label: string }> = {
  w: { to: "/workflows", label: "Go to workflows" },
  e: { to: "/logs", label: "Go to executions" },
  c: { to: "/settings/credentials", label: "Go to credentials" },
  t: { to: "/catalog", label: "Go to the catalog" },
  p: { to: "/marketplace", label: "Go to the Marketplace" },
  m: { to: "/settings/members", label: "Go to members" },
  s: { to: "/settings/variables", label: "Go to settings" },
  a: { to: "/settings/audit", label: "Go to the audit log" },
  d: { to: "/docs", label: "Go to the guide" },
};

/** How long the second key may take after `G`. */
export const SEQUENCE_MS = 1_200;
