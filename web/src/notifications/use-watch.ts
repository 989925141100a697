/** Keeps the number of unread notifications up to date, for as long as the page is looked at. */
import type { QueryClient } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import { type Stream, useStream } from "../api/live.ts";
import type { Glance } from "../api/types.ts";
import { unreadQuery } from "./queries.ts";

/** Takes in one event. The list is read again when something is new, or was read in another tab. */
export function takeIn(queryClient: QueryClient, { unread }: Glance): void {
  const before = queryClient.getQueryData(unreadQuery.queryKey);
  queryClient.setQueryData(unreadQuery.queryKey, unread);
  if (before === unread) return;
  // Besides runs, which have events of their own, one is mostly told of credentials that do not work any more.
  for (const key of ["notifications", "credentials"])
    void queryClient.invalidateQueries({ queryKey: [key, "list"] });
}

const STREAM: Stream = {
  event: "notifications",
  open: (signal) => api.GET("/api/me/notifications/events", { parseAs: "stream", signal }),
  take: (queryClient, data) => takeIn(queryClient, JSON.parse(data) as Glance),
};

export function useWatchNotifications(isSession: boolean): void {
  useStream(STREAM, isSession);
}
