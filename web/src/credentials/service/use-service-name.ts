/** The name of a service as its owner writes it, from the catalog once that is here. */
import { useQuery } from "@tanstack/react-query";
import { catalogQuery } from "../../catalog/queries.ts";
import { isGeneric, serviceLabel } from "./use-service.ts";

export function useServiceName(id: string): string {
  const { data } = useQuery({
    ...catalogQuery,
    enabled: !isGeneric(id),
    select: (services) => services.find((service) => service.id === id)?.name,
  });
  return data ?? serviceLabel(id);
}
