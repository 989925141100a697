/** Executions, as the API lists and gives them. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";

export const executionsQuery = (filter: { status?: string; workflowId?: string }) =>
  infiniteQueryOptions({
    queryKey: ["executions", "list", filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) };
      return value(api.GET("/api/executions", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

export const executionQuery = (id: string) =>
  queryOptions({
    queryKey: ["executions", "one", id],
    queryFn: ({ signal }) => value(api.GET("/api/executions/{id}", { params: { path: { id } }, signal })),
  });
