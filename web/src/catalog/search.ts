/** Finding services among a few hundred in memory, and the words of the catalog. Pure. */
import type { ConnectorSummary } from "./types.ts";

const fold = (text: string) =>
  text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();

/** The smaller, the better a service fits one typed word; `undefined` when it does not. */
function rank(service: ConnectorSummary, word: string): number | undefined {
  const name = fold(service.name);
  if (name === word || service.id === word) return 0;
  if (name.startsWith(word)) return 1;
  if (name.split(/[\s/._-]+/).some((part) => part.startsWith(word))) return 2;
  if (service.keywords.some((keyword) => fold(keyword).startsWith(word))) return 3;
  if (name.includes(word) || service.category.startsWith(word)) return 4;
  return fold(service.description).includes(word) ? 5 : undefined;
}

/** The services that fit every typed word, best first; where nothing is typed all of them, those with operations first. */
export function findServices<T extends ConnectorSummary>(services: readonly T[], text: string): T[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  // Connectors with operations stand before services that are only known.
  const known = (service: ConnectorSummary) => (service.tier === "known" ? 1 : 0);
  if (words.length === 0) return [...services].sort((a, b) => known(a) - known(b));
  const found: [number, T][] = [];
  for (const service of services) {
    let sum = 0;
    for (const word of words) {
      const one = rank(service, word);
      if (one === undefined) {
        sum = Number.NaN;
        break;
      }
      sum += one;
    }
    if (!Number.isNaN(sum)) found.push([sum, service]);
  }
  found.sort(([a, one], [b, two]) => a - b || known(one) - known(two) || one.name.localeCompare(two.name));
  return found.map(([, service]) => service);
}

const CATEGORY_WORDS: Record<string, string> = {
  ai: "AI",
  crm: "CRM",
  hr: "HR",
  "developer-tools": "Developer tools",
};

/** What people call a category. */
export function categoryLabel(category: string): string {
  const known = CATEGORY_WORDS[category];
  if (known) return known;
  const text = category.replaceAll("-", " ");
  return text ? text.charAt(0).toUpperCase() + text.slice(1) : "Other";
}

/** The categories of the services with how many each has, by name. */
export function categoriesOf(
  services: readonly { category: string }[],
): { value: string; label: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { category } of services) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, label: categoryLabel(value), count }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

export const TIERS = [
  { value: "curated", label: "With operations", hint: "Operations and events that are ready to use." },
  {
    value: "known",
    label: "Credential only",
    hint: "Flero knows how to authenticate; use the credential in the HTTP Request node.",
  },
  { value: "imported", label: "Imported", hint: "Made of a description that this workspace imported." },
  { value: "marketplace", label: "Marketplace", hint: "Installed from a registry." },
] as const;

export const tierLabel = (tier: string): string => TIERS.find((entry) => entry.value === tier)?.label ?? tier;
