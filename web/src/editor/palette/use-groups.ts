/** The entries of the palette. Operations are asked for when somebody begins to search. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { catalogQuery, connectorQuery } from "../../catalog/queries.ts";
import type { Connector } from "../../catalog/types.ts";
import { type Group, groupsOf } from "./entries.ts";

/** As many services are searched for operations: each is a request, once. */
const MOST_SEARCHED = 60;
/** From this many letters on. */
const LEAST = 2;

/** Those of the answers that are there; the same list as long as they are the same. */
const present = (results: readonly { data: Connector | undefined }[]): readonly Connector[] =>
  results.flatMap(({ data }) => (data ? [data] : []));

export function useGroups(query: string, withoutTriggers: boolean): readonly Group[] {
  const { data: services } = useQuery(catalogQuery);
  const searched = useMemo(() => {
    const callable = (services ?? []).filter((service) => service.operationCount + service.eventCount > 0);
    return callable.sort((left, right) => left.operationCount - right.operationCount).slice(0, MOST_SEARCHED);
  }, [services]);
  const isSearching = query.trim().length >= LEAST;
  const connectors = useQueries({
    queries: searched.map(({ id }) => ({ ...connectorQuery(id), enabled: isSearching, retry: false })),
    combine: present,
  });
  return useMemo(
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
}
