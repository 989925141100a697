/** Keeps the number of unread notifications up to date, for as long as the page is looked at. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../api/client.ts";
import type { Glance } from "../api/types.ts";
import { readEvents } from "../editor/session/events.ts";
import { unreadQuery } from "./queries.ts";

/** Milliseconds until a stream that broke is opened again: soon at first, then more and more seldom. */
const PAUSES_MS = [2_000, 5_000, 15_000, 60_000];

/** Takes in one event. The list is read again when something is new, or was read in another tab. */
export function takeIn(queryClient: QueryClient, { unread }: Glance): void {
  const before = queryClient.getQueryData(unreadQuery.queryKey);
  queryClient.setQueryData(unreadQuery.queryKey, unread);
  if (before === unread) return;
  void queryClient.invalidateQueries({ queryKey: ["notifications", "list"] });
  // What one is told of is mostly a run that failed or a credential that does not work any more.
  for (const key of ["executions", "credentials"])
    void queryClient.invalidateQueries({ queryKey: [key, "list"] });
}

/** Listens until the stream ends; gives whether anything was heard. */
async function listen(queryClient: QueryClient, signal: AbortSignal): Promise<boolean> {
  const { data, response } = await api.GET("/api/me/notifications/events", { parseAs: "stream", signal });
  if (!response.ok || !data) return false;
  let isHeard = false;
  for await (const { event, data: text } of readEvents(data as unknown as ReadableStream<Uint8Array>)) {
    if (event !== "notifications") continue;
    isHeard = true;
    takeIn(queryClient, JSON.parse(text) as Glance);
  }
  return isHeard;
}

async function watch(queryClient: QueryClient, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const isHeard = await listen(queryClient, signal).catch(() => false);
    failures = isHeard ? 0 : failures + 1;
    const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)];
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** A tab in the background holds no connection: a browser has few of them for one host, and shares them among tabs. */
export function useWatchNotifications(isSession: boolean): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (!isSession) return;
    let stop: AbortController | undefined;
    const follow = () => {
      stop?.abort();
      stop = undefined;
      if (document.visibilityState !== "visible") return;
      stop = new AbortController();
      void watch(queryClient, stop.signal);
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      stop?.abort();
    };
  }, [queryClient, isSession]);
}
