/** Workflows, as the API lists and gives them. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import type { WorkflowSearch } from "./filter.ts";

/** What a list shows of a workflow. */
export type WorkflowSummary = components["schemas"]["WorkflowItem"];

const page = (query: WorkflowSearch & { limit: number; cursor?: string }, signal: AbortSignal) =>
  value(api.GET("/api/workflows", { params: { query }, signal }));

export const workflowsQuery = (filter: WorkflowSearch) =>
  infiniteQueryOptions({
    queryKey: ["workflows", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      page({ ...filter, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** The names of the workspace's workflows by ID, for lists that hold only the ID. Archived ones are told by their ID. */
export const workflowNamesQuery = queryOptions({
  queryKey: ["workflows", "names"],
  queryFn: async ({ signal }) => {
    const names = new Map<string, string>();
    for (let cursor: string | null | undefined = ""; cursor !== null && cursor !== undefined; ) {
      const found: Awaited<ReturnType<typeof page>> = await page(
        { limit: 200, ...(cursor ? { cursor } : {}) },
        signal,
      );
      for (const { id, name } of found.items) names.set(id, name);
      cursor = found.nextCursor;
    }
    return names;
  },
  staleTime: 30_000,
});
