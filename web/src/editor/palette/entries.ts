/** What the palette offers: node types, services and their operations. Pure. */

import { findServices } from "../../catalog/search.ts";
import type { ConnectorSummary, OperationSummary, Trigger } from "../../catalog/types.ts";
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

/** A service with what can be called there, and what it tells. */
export interface Callable {
  readonly service: ConnectorSummary;
  readonly operations: readonly OperationSummary[];
  readonly triggers: readonly Trigger[];
}

/** The most entries of one kind that a search shows. */
const MOST_SERVICES = 8;
const MOST_OPERATIONS = 30;
const MOST_EVENTS = 12;

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

const ofEvent = (service: ConnectorSummary, trigger: Trigger): Entry => ({
  key: `event:${service.id}:${trigger.id}`,
  label: trigger.name,
  summary: `${service.name} · begins a run`,
  what: { type: "ConnectorTrigger", name: trigger.name, connector: service.id, event: trigger.id },
  service: service.id,
});

/**
 * How well something of a service fits a search, or undefined when it does not: every word fits it or its service,
 * and at least one fits it. Less is better.
 */
function rankOf(service: ConnectorSummary, label: string, more: string, words: readonly string[]) {
  const name = label.toLowerCase();
  const text = `${name} ${more.toLowerCase()}`;
  const ofService = `${service.name} ${service.id} ${service.keywords.join(" ")}`.toLowerCase();
  const own = words.filter((word) => text.includes(word));
  if (own.length === 0 || !words.every((word) => own.includes(word) || ofService.includes(word)))
    return undefined;
  const begins = own.some((word) => name.startsWith(word));
  const byName = begins ? 0 : own.some((word) => name.includes(word)) ? 1 : 2;
  return byName + (service.tier === "curated" ? 0 : 3);
}

/** The first so many of what was found, best first. */
const best = (found: { readonly entry: Entry; readonly rank: number }[], most: number): readonly Entry[] =>
  found
    // Of two that fit alike, the one with less beside what was asked for.
    .sort(
      (left, right) =>
        left.rank - right.rank ||
        left.entry.label.length - right.entry.label.length ||
        left.entry.label.localeCompare(right.entry.label),
    )
    .slice(0, most)
    .map(({ entry }) => entry);

/** The operations that every word fits; a word may be about the service, but not all of them. */
export function findOperations(callables: readonly Callable[], words: readonly string[]): readonly Entry[] {
  const found = callables.flatMap(({ service, operations }) =>
    operations.flatMap((operation) => {
      const rank = rankOf(service, operation.name, `${operation.group} ${operation.id}`, words);
      if (rank === undefined) return [];
      return [{ entry: ofOperation(service, operation), rank: rank + (operation.deprecated ? 6 : 0) }];
    }),
  );
  return best(found, MOST_OPERATIONS);
}

/** The events that a workflow can wait for and that every word fits, as with operations. */
export function findEvents(callables: readonly Callable[], words: readonly string[]): readonly Entry[] {
  const found = callables.flatMap(({ service, triggers }) =>
    triggers.flatMap((trigger) => {
      const rank = trigger.way ? rankOf(service, trigger.name, `${trigger.id} event`, words) : undefined;
      return rank === undefined ? [] : [{ entry: ofEvent(service, trigger), rank }];
    }),
  );
  return best(found, MOST_EVENTS);
}

interface Offered {
  readonly query: string;
  readonly withoutTriggers: boolean;
  readonly services: readonly ConnectorSummary[];
  /** Services whose operations and events are known; a search looks through them. */
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
          { label: "Events", entries: withoutTriggers ? [] : findEvents(callables, words) },
          {
            label: "Services",
            entries: findServices(services, query).slice(0, MOST_SERVICES).map(ofService),
          },
        ];
  return groups.filter((group) => group.entries.length > 0);
}
