/** Keeps the lists of runs up to date by the server's events. */
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import { type Stream, useStream } from "../api/live.ts";
import type { ExecutionItem, ExecutionsMoved } from "../api/types.ts";
import { type ExecutionFilter, latestRunsQuery } from "./queries.ts";

type List = InfiniteData<{ items: ExecutionItem[]; nextCursor?: string | null; total: number }>;

/** Whether a run belongs into a list. */
function fits(run: ExecutionItem, { status, workflowId, trigger, since, until }: ExecutionFilter): boolean {
  const at = Date.parse(run.createdAt);
  return (
    (status === undefined || run.status === status) &&
    (workflowId === undefined || run.workflowId === workflowId) &&
    (trigger === undefined || run.trigger.kind === trigger) &&
    (since === undefined || at >= Date.parse(since)) &&
    (until === undefined || at < Date.parse(until))
  );
}

/** A list after an event: the runs that it has stand as they are now, and those that do not fit any more are gone. */
export function caughtUp(list: List, filter: ExecutionFilter, moved: readonly ExecutionItem[]): List {
  const now = new Map(moved.map((run) => [run.id, run]));
  const before = list.pages.flatMap((page) => page.items);
  if (!before.some((run) => now.has(run.id))) return list;
  const pages = list.pages.map((page) => ({
    ...page,
    items: page.items
      .map((run) => now.get(run.id) ?? run)
      .filter((run) => !now.has(run.id) || fits(run, filter)),
  }));
  const gone = before.length - pages.reduce((sum, page) => sum + page.items.length, 0);
  return { ...list, pages: pages.map((page) => ({ ...page, total: page.total - gone })) };
}

/** Whether an event brings a run that a list lacks. */
export function lacks(list: List, filter: ExecutionFilter, moved: readonly ExecutionItem[]): boolean {
  const known = new Set(list.pages.flatMap((page) => page.items.map((run) => run.id)));
  return moved.some((run) => !known.has(run.id) && fits(run, filter));
}

/** What is shown of which only the beginning was read: whoever reads further back is not disturbed by what is new. */
const isShort = ({ queryKey, state }: Query): boolean =>
  queryKey[0] === "executions" &&
  (queryKey[1] === "latest" ||
    (queryKey[1] === "list" && (state.data as List | undefined)?.pages.length === 1));

let isQueued = false;

/** Reads the lists again. What is being read may be older than the event: it is read once more then, and not cut off. */
async function readAgain(queryClient: QueryClient): Promise<void> {
  if (isQueued) return;
  isQueued = true;
  const going = { predicate: isShort, fetchStatus: "fetching" } as const;
  await queryClient.refetchQueries(going, { cancelRefetch: false }).catch(() => undefined);
  isQueued = false;
  await queryClient.invalidateQueries({ predicate: isShort });
}

/** Takes in one event. */
export function takeIn(queryClient: QueryClient, { items, more }: ExecutionsMoved): void {
  let isBehind = more || queryClient.isFetching({ predicate: isShort }) > 0;
  for (const [queryKey, list] of queryClient.getQueriesData<List>({ queryKey: ["executions", "list"] })) {
    const filter = queryKey[2] as ExecutionFilter;
    if (!list) continue;
    isBehind ||= lacks(list, filter, items);
    queryClient.setQueryData(queryKey, caughtUp(list, filter, items));
  }
  queryClient.setQueryData(latestRunsQuery.queryKey, (before) => {
    if (!before) return before;
    const newer = items.filter((run) => run.createdAt >= (before.runs.get(run.workflowId)?.createdAt ?? ""));
    if (newer.length === 0) return before;
    const runs = new Map([...before.runs, ...newer.reverse().map((run) => [run.workflowId, run] as const)]);
    return { ...before, runs };
  });
  if (isBehind) void readAgain(queryClient);
}

const STREAM: Stream = {
  event: "executions",
  open: (signal) => api.GET("/api/executions/events", { parseAs: "stream", signal }),
  take: (queryClient, data) => takeIn(queryClient, JSON.parse(data) as ExecutionsMoved),
};

/** Follows what happens among the workspace's runs; gives whether it is heard, so that lists are not asked for besides. */
export const useLiveExecutions = (): boolean => useStream(STREAM);
