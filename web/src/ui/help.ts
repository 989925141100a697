/** Which page of the guide a screen is explained on. */

const SCREENS: readonly (readonly [path: string, page: string])[] = [
  ["/workflows", "editor"],
  ["/logs", "executions"],
  ["/catalog", "catalog"],
  ["/marketplace", "marketplace"],
  ["/members", "people"],
  ["/settings/credentials", "credentials"],
  ["/settings/oauth-apps", "oauth"],
  ["/settings/notifications", "notifications"],
  ["/settings/variables", "expressions"],
  ["/settings/security", "sign-in"],
  ["/settings/members", "people"],
  ["/settings/vault", "vault"],
  ["/settings", "interface"],
  ["/settings/audit", "people"],
];

/** The page for an address; the longest that fits counts. */
export function helpFor(pathname: string): string | undefined {
  const fitting = SCREENS.filter(([path]) => pathname === path || pathname.startsWith(`${path}/`));
  return fitting.sort(([left], [right]) => right.length - left.length)[0]?.[1];
}
