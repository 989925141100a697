/** Finding packages, what one has of them, and what has to be agreed to. Pure. */
import { count } from "../lib/format.ts";
import type { Change, Offer, Package, Reach } from "./types.ts";

/** What a workspace has of a package: nothing, the newest version, an older one, or the same from elsewhere. */
export type State = "none" | "installed" | "upgrade" | "elsewhere";

/** The registry that a connector of this name was installed from, if it is another one than the package's. */
export const otherRegistry = (one: Package, all: readonly Package[]): string | undefined =>
  one.installed
    ? undefined
    : all.find((other) => other.id === one.id && other.registry !== one.registry && other.installed)
        ?.registry;

export function stateOf(one: Package, all: readonly Package[]): State {
  if (one.installed) return one.change ? "upgrade" : "installed";
  return otherRegistry(one, all) === undefined ? "none" : "elsewhere";
}

/** What the list is narrowed to. */
export interface PackageFilter {
  q?: string;
  category?: string;
  registry?: string;
  show?: "installed" | "upgrades";
}

const fold = (text: string) =>
  text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();

/** Whether a package has every typed word in its name, identifier, category or description. */
function fits(one: Package, words: readonly string[]): boolean {
  const text = fold(`${one.name} ${one.id} ${one.category} ${one.description}`);
  return words.every((word) => text.includes(word));
}

/** The packages that fit, those whose name begins with what was typed first. */
export function findPackages(all: readonly Package[], filter: PackageFilter): Package[] {
  const typed = fold(filter.q ?? "").trim();
  const words = typed.split(/\s+/).filter(Boolean);
  const found = all.filter(
    (one) =>
      (filter.category === undefined || one.category === filter.category) &&
      (filter.registry === undefined || one.registry === filter.registry) &&
      (filter.show === undefined || one.installed !== null) &&
      (filter.show !== "upgrades" || one.change !== null) &&
      fits(one, words),
  );
  const rank = (one: Package) => (typed && fold(one.name).startsWith(typed) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** The parts of a reach, the ones that have to be agreed to first. */
export const PARTS: readonly { key: keyof Reach; label: string }[] = [
  { key: "hosts", label: "Hosts that secrets may be sent to" },
  { key: "permissions", label: "Permissions that it asks for" },
  { key: "authentication", label: "Ways to authenticate" },
  { key: "operations", label: "Operations" },
  { key: "events", label: "Events" },
];

/** The parts in which two versions differ. */
export const partsOf = ({ added, removed }: Change) =>
  PARTS.map(({ key, label }) => ({ key, label, added: added[key], removed: removed[key] })).filter(
    (part) => part.added.length + part.removed.length > 0,
  );

/** Whether there is something to agree to. */
export const needsConsent = ({ added }: Change): boolean => added.hosts.length + added.permissions.length > 0;

/** What one agrees to, as a sentence whose amounts are those of the lists above it. */
export function consentSentence({ added }: Change, isUpgrade = false): string {
  // Beside what is new stands what is gone, which nobody agrees to.
  const oneOrAll = (amount: number, one: string, many: string) =>
    `the ${amount === 1 ? "" : `${amount} `}${isUpgrade ? "new " : ""}${amount === 1 ? one : many}`;
  const hosts =
    added.hosts.length > 0 && `secrets may be sent to ${oneOrAll(added.hosts.length, "host", "hosts")} above`;
  const permissions =
    added.permissions.length > 0 &&
    `it may ask for ${oneOrAll(added.permissions.length, "permission", "permissions")} above`;
  return `I agree: ${[hosts, permissions].filter(Boolean).join(", and ")}.`;
}

/** What a package brings along, in a line. */
export function contents({ operations, events }: Reach): string {
  const parts = [count(operations.length, "operation")];
  if (events.length > 0) parts.push(count(events.length, "event"));
  return parts.join(", ");
}

/** Connectors from the Marketplace that no readable registry offers: their registry was removed or is out of reach. */
export const notOffered = <T extends { id: string; tier: string }>(
  connectors: readonly T[],
  offer: Offer,
): T[] =>
  connectors.filter(
    ({ id, tier }) => tier === "marketplace" && !offer.items.some((one) => one.id === id && one.installed),
  );
