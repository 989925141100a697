/** Executions, as the API lists and gives them. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import type { ExecutionStatus } from "../api/types.ts";
import { loadRun } from "../editor/session/api.ts";
import { isFinal } from "../editor/session/run.ts";

/** Which executions are asked for. */
export interface ExecutionFilter {
  status?: ExecutionStatus;
  workflowId?: string;
  trigger?: string;
  since?: string;
  until?: string;
}

/** Milliseconds between two looks at a list in which something goes on. */
const LOOK_MS = 2_000;

export const executionsQuery = (filter: ExecutionFilter) =>
  infiniteQueryOptions({
    queryKey: ["executions", "list", filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) };
      return value(api.GET("/api/executions", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    // The first page alone is looked at again: what goes on is among the newest.
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      const goes = pages[0]?.items.some((run) => !isFinal(run.status)) ?? false;
      return goes && pages.length === 1 ? LOOK_MS : false;
    },
  });

export const executionQuery = (id: string) =>
  queryOptions({
    queryKey: ["executions", "one", id],
    queryFn: ({ signal }) => loadRun(id, signal),
  });
