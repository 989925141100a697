/** The name of a service as its owner writes it, from the catalog once that is here. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { catalogQuery } from "../../catalog/queries.ts";
import type { ConnectorSummary } from "../../catalog/types.ts";
import { isGeneric, serviceLabel } from "./use-service.ts";

/** The names of all services, for lists: one look into the catalog instead of one for each row. */
export function useServiceNames(): (id: string) => string {
  const { data } = useQuery({ ...catalogQuery, select: namesOf });
  return useCallback((id: string) => (isGeneric(id) ? undefined : data?.get(id)) ?? serviceLabel(id), [data]);
}

const namesOf = (services: readonly ConnectorSummary[]): ReadonlyMap<string, string> =>
  new Map(services.map(({ id, name }) => [id, name]));

export function useServiceName(id: string): string {
  const { data } = useQuery({
    ...catalogQuery,
    enabled: !isGeneric(id),
    select: (services) => services.find((service) => service.id === id)?.name,
  });
  return data ?? serviceLabel(id);
}
