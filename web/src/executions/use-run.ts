/** A run on the screen: read once, brought forward by its events, read again when it has ended. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { watchRun } from "../editor/session/api.ts";
import { follow, isFinal, type Run } from "../editor/session/run.ts";
import { executionQuery } from "./queries.ts";

/** Milliseconds until a run is looked at again whose events come from another process, or have broken off. */
const LOOK_MS = 2_000;

/** The run, live while it goes on. */
export function useRun(
  id: string,
  nameOf: (nodeId: string) => string,
): { run: Run | undefined; error: unknown } {
  const queries = useQueryClient();
  const { data: run, error } = useQuery({
    ...executionQuery(id),
    refetchInterval: ({ state }) => (state.data && !isFinal(state.data.status) ? LOOK_MS : false),
  });
  const going = run !== undefined && !isFinal(run.status);
  // biome-ignore lint/correctness/useExhaustiveDependencies: names are only read when an event comes
  useEffect(() => {
    if (!going) return;
    const stop = new AbortController();
    const key = executionQuery(id).queryKey;
    const listen = async () => {
      for await (const event of watchRun(id, stop.signal)) {
        queries.setQueryData(key, (before) => before && follow(before, event, nameOf));
      }
    };
    (async () => {
      // A stream ends before its run does when the server is started anew, or after ten minutes: then another is opened.
      while (!stop.signal.aborted) {
        await listen().catch(() => undefined);
        await queries.invalidateQueries({ queryKey: key });
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    })();
    return () => stop.abort();
  }, [going, id, queries]);
  return { run, error };
}
