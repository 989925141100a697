/** What the palette offers: node types, services and their operations. Pure. */

import { findServices } from "../../catalog/search.ts";
import type { ConnectorSummary, OperationSummary } from "../../catalog/types.ts";
import { count } from "../../lib/format.ts";
import type { NewNode } from "../model/commands.ts";
import { CATEGORIES, type NodeType, searchTypes } from "../model/nodeTypes.ts";

/** Something that can be put on the canvas. */
export interface Entry {
  readonly key: string;
  readonly label: string;
  readonly summary: string;
  readonly what: NewNode;
  /** The service whose tile is shown; without it, the icon of the type. */
  readonly service?: string;
}

/** Entries under a heading. */
export interface Group {
  readonly label: string;
  readonly entries: readonly Entry[];
}

/** A service with what can be called there. */
export interface Callable {
  readonly service: ConnectorSummary;
  readonly operations: readonly OperationSummary[];
}

/** The most entries of one kind that a search shows. */
const MOST_SERVICES = 8;
const MOST_OPERATIONS = 30;

const ofType = (type: NodeType): Entry => ({
  key: type.type,
  label: type.label,
  summary: type.summary,
  what: { type: type.type },
});

/** A service; one without operations is called by an HTTP Request with its credential. */
function ofService(service: ConnectorSummary): Entry {
  const common = { key: `service:${service.id}`, label: service.name, service: service.id };
  if (service.operationCount === 0) {
    return {
      ...common,
      summary: "No operations yet: an HTTP Request with its credential.",
      what: { type: "HTTPRequest", name: service.name },
    };
  }
  return {
    ...common,
    summary: count(service.operationCount, "operation"),
    what: { type: "Connector", name: service.name, connector: service.id },
  };
}

const ofOperation = (service: ConnectorSummary, operation: OperationSummary): Entry => ({
  key: `operation:${service.id}:${operation.id}`,
  label: operation.name,
  summary: [service.name, operation.group].filter(Boolean).join(" · "),
  what: { type: "Connector", name: operation.name, connector: service.id, operation: operation.id },
  service: service.id,
});

/** The operations that every word fits; a word may be about the service, but not all of them. */
export function findOperations(callables: readonly Callable[], words: readonly string[]): readonly Entry[] {
  const found: { entry: Entry; rank: number }[] = [];
  for (const { service, operations } of callables) {
    const ofIt = `${service.name} ${service.id} ${service.keywords.join(" ")}`.toLowerCase();
    for (const operation of operations) {
      const name = operation.name.toLowerCase();
      const text = `${name} ${operation.group} ${operation.id}`.toLowerCase();
      const own = words.filter((word) => text.includes(word));
      if (own.length === 0 || !words.every((word) => own.includes(word) || ofIt.includes(word))) continue;
      const byName = own.some((word) => name.startsWith(word))
        ? 0
        : own.some((word) => name.includes(word))
          ? 1
          : 2;
      found.push({
        entry: ofOperation(service, operation),
        rank: byName + (service.tier === "curated" ? 0 : 3) + (operation.deprecated ? 6 : 0),
      });
    }
  }
  return found
    .sort((left, right) => left.rank - right.rank || left.entry.label.localeCompare(right.entry.label))
    .slice(0, MOST_OPERATIONS)
    .map(({ entry }) => entry);
}

interface Offered {
  readonly query: string;
  readonly withoutTriggers: boolean;
  readonly services: readonly ConnectorSummary[];
  /** Services whose operations are known; a search looks through them. */
  readonly callables: readonly Callable[];
}

/** The entries under their headings: everything, or what fits a search. */
export function groupsOf({ query, withoutTriggers, services, callables }: Offered): readonly Group[] {
  const types = searchTypes(query).filter(
    (type) => type.type !== "Connector" && !(withoutTriggers && type.trigger),
  );
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const groups: Group[] =
    words.length === 0
      ? [
          ...CATEGORIES.map(({ id, label }) => ({
            label,
            entries: types.filter((type) => type.category === id).map(ofType),
          })),
          {
            label: "Services",
            entries: services.filter((service) => service.operationCount > 0).map(ofService),
          },
        ]
      : [
          { label: "Nodes", entries: types.map(ofType) },
          { label: "Operations", entries: findOperations(callables, words) },
          {
            label: "Services",
            entries: findServices(services, query).slice(0, MOST_SERVICES).map(ofService),
          },
        ];
  return groups.filter((group) => group.entries.length > 0);
}
