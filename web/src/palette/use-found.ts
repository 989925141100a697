/** Finds workflows, credentials and services by name, as the server sees them. */
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";

export interface Found {
  id: string;
  label: string;
  kind: "Workflow" | "Credential" | "Execution" | "Service";
  to: string;
}

interface Named {
  id: string;
  name: string;
}

const found = (kind: Found["kind"], items: Named[], place: (id: string) => string): Found[] =>
  items.map(({ id, name }) => ({ id: `${kind} ${id}`, label: name, kind, to: place(id) }));

export function useFound(text: string) {
  const [q] = useDebouncedValue(text.trim(), 120);
  return useQuery({
    queryKey: ["palette", q],
    enabled: q !== "",
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Found[]> => {
      const params = { query: { q, limit: 6 } };
      const [workflows, credentials, services] = await Promise.all([
        value(api.GET("/api/workflows", { params, signal })),
        value(api.GET("/api/credentials", { params, signal })),
        value(api.GET("/api/connectors", { params: { query: { q, limit: 4 } }, signal })),
      ]);
      return [
        ...found("Workflow", workflows.items, (id) => `/workflows/${id}`),
        ...found("Credential", credentials.items, (id) => `/settings/credentials?credential=${id}`),
        ...found("Service", services.items, (id) => `/catalog/${id}`),
      ];
    },
  });
}
