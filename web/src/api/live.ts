/** Follows a stream of the server's events for as long as the page is looked at, and opens it again when it breaks. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { readEvents } from "../editor/session/events.ts";

/** Milliseconds until a stream that ended is opened again: soon at first, then more and more seldom. */
const PAUSES_MS = [1_000, 5_000, 15_000, 60_000];

/** A stream of events. One of it is made for the whole page, so that it is not opened anew with every change of a screen. */
export interface Stream {
  /** The name of the events that count. */
  readonly event: string;
  readonly open: (signal: AbortSignal) => Promise<{ data?: unknown; response: Response }>;
  /** Takes in the data of one event. */
  readonly take: (queryClient: QueryClient, data: string) => void;
}

/** Listens until the stream ends; says of each event that it was heard. */
async function listen(
  stream: Stream,
  queryClient: QueryClient,
  heard: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { data, response } = await stream.open(signal);
  if (!response.ok || !data) return;
  for await (const { event, data: text } of readEvents(data as ReadableStream<Uint8Array>)) {
    if (event !== stream.event) continue;
    heard();
    stream.take(queryClient, text);
  }
}

async function follow(
  stream: Stream,
  queryClient: QueryClient,
  setLive: (isLive: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    failures += 1;
    const heard = () => {
      failures = 0;
      setLive(true);
    };
    await listen(stream, queryClient, heard, signal).catch(() => undefined);
    if (failures > 0 && !signal.aborted) setLive(false);
    const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)];
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/**
 * Follows a stream; gives whether anything is heard from it, so that a screen can ask instead where it is not. A tab in
 * the background holds no connection: a browser has few of them for one host, and shares them among tabs.
 */
export function useStream(stream: Stream, isOn = true): boolean {
  const queryClient = useQueryClient();
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    if (!isOn) return;
    let stop: AbortController | undefined;
    const look = () => {
      stop?.abort();
      stop = undefined;
      if (document.visibilityState !== "visible") return;
      stop = new AbortController();
      void follow(stream, queryClient, setLive, stop.signal);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      stop?.abort();
    };
  }, [stream, queryClient, isOn]);
  return isLive;
}
