/** Packages for tests, of which a test names only what it is about. */
import type { Change, Installed, Package, Reach } from "./types.ts";

const NOTHING: Reach = { hosts: [], permissions: [], authentication: [], operations: [], events: [] };

export const change = (added: Partial<Reach>, removed: Partial<Reach> = {}): Change => ({
  added: { ...NOTHING, ...added },
  removed: { ...NOTHING, ...removed },
});

type Given = Partial<Omit<Package, "reach" | "installed">> & {
  reach?: Partial<Reach>;
  installed?: Partial<Installed>;
};

/** A package that can be installed, or, where `installed` is given, upgraded from what that says. */
export function made({ reach, installed, ...given }: Given): Package {
  const hasReach: Reach = { ...NOTHING, hosts: ["api.example.com"], ...reach };
  const registry = given.registry ?? "community";
  return {
    id: "rates",
    name: "Rates",
    description: "Something for tests.",
    category: "productivity",
    version: "1.0.0",
    versions: ["1.0.0"],
    change: { added: hasReach, removed: NOTHING },
    needsConsent: true,
    ...given,
    registry,
    reach: hasReach,
    installed: installed
      ? {
          registry,
          version: "1.0.0",
          formerVersion: null,
          installedAt: "2026-01-01T00:00:00Z",
          ...installed,
        }
      : null,
  };
}
