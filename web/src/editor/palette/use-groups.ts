/** The entries of the palette. Operations and events are asked for when somebody begins to search. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { catalogQuery, connectorQuery } from "../../catalog/queries.ts";
import type { Connector, ConnectorSummary } from "../../catalog/types.ts";
import { type Group, groupsOf } from "./entries.ts";

/** As many services are searched without being named: each is a request, once. */
const MOST_SEARCHED = 60;
/** From this many letters on. */
const LEAST = 2;

/** Those of the answers that are there, the same list as long as they are the same; and whether some are missing. */
const present = (results: readonly { data: Connector | undefined; isLoading: boolean }[]) => ({
  connectors: results.flatMap(({ data }) => (data ? [data] : [])),
  isLoading: results.some(({ isLoading }) => isLoading),
});

/** The services to look through: those that the search names, however large they are, then the small ones. */
function toSearch(services: readonly ConnectorSummary[], query: string): readonly ConnectorSummary[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const isNamed = ({ id, name }: ConnectorSummary) =>
    words.some((word) => word.length > LEAST && `${id} ${name.toLowerCase()}`.includes(word));
  return services
    .filter((service) => service.operationCount + service.eventCount > 0)
    .map((service) => ({ service, size: isNamed(service) ? 0 : service.operationCount }))
    .sort((left, right) => left.size - right.size)
    .slice(0, MOST_SEARCHED)
    .map(({ service }) => service);
}

export function useGroups(
  query: string,
  withoutTriggers: boolean,
): { readonly groups: readonly Group[]; readonly isLoading: boolean } {
  const { data: services } = useQuery(catalogQuery);
  const searched = useMemo(() => toSearch(services ?? [], query), [services, query]);
  const isSearching = query.trim().length >= LEAST;
  const { connectors, isLoading } = useQueries({
    queries: searched.map(({ id }) => ({ ...connectorQuery(id), enabled: isSearching, retry: false })),
    combine: present,
  });
  const groups = useMemo(
    () =>
      groupsOf({
        query,
        withoutTriggers,
        services: services ?? [],
        callables: connectors.map((service) => ({
          service,
          operations: service.operations,
          triggers: service.triggers,
        })),
      }),
    [query, withoutTriggers, services, connectors],
  );
  return { groups, isLoading: isLoading && isSearching };
}
