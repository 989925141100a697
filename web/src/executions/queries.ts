/** Executions, as the API lists and gives them. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import type { ExecutionItem, ExecutionStatus } from "../api/types.ts";
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

/** Milliseconds between two looks at a list in which something goes on, where no events are heard. */
const LOOK_MS = 2_000;
/** Milliseconds between two looks at a list in which nothing goes on: triggers may set something off at any time. */
const IDLE_MS = 8_000;
/** Milliseconds between two looks where events are heard: they tell of the newest runs, and an older one may end. */
export const LIVE_MS = 60_000;
/** As many of the newest runs tell how each workflow stands. */
const NEWEST = 100;

export const executionsQuery = (filter: ExecutionFilter, isLive: boolean) =>
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
      if (pages.length > 1) return false;
      return isLive ? LIVE_MS : goes ? LOOK_MS : IDLE_MS;
    },
  });

/** The newest run of each workflow, as far as it is among the newest of the workspace; whether those are all. */
export interface LatestRuns {
  readonly runs: ReadonlyMap<string, ExecutionItem>;
  readonly areAll: boolean;
}

export const latestRunsQuery = queryOptions({
  queryKey: ["executions", "latest"],
  queryFn: async ({ signal }): Promise<LatestRuns> => {
    const params = { query: { limit: NEWEST } };
    const { items, nextCursor } = await value(api.GET("/api/executions", { params, signal }));
    // Newest first: of several of one workflow the last that is set stays.
    const runs = new Map([...items].reverse().map((run) => [run.workflowId, run]));
    return { runs, areAll: !nextCursor };
  },
  refetchInterval: IDLE_MS,
});

/** The newest run of a workflow that has not run for long; null where it never did. */
export const lastRunQuery = (workflowId: string) =>
  queryOptions({
    queryKey: ["executions", "newest", workflowId],
    queryFn: async ({ signal }) => {
      const params = { query: { workflowId, limit: 1 } };
      return (await value(api.GET("/api/executions", { params, signal }))).items[0] ?? null;
    },
    // When it runs again it is among the newest.
    staleTime: Number.POSITIVE_INFINITY,
  });

export const executionQuery = (id: string) =>
  queryOptions({
    queryKey: ["executions", "one", id],
    queryFn: ({ signal }) => loadRun(id, signal),
  });
