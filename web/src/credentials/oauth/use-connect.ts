/** The states of connecting an account, from the click to “Connected!”. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, sentence } from "../../api/problem.ts";
import type { OauthAttempt, StartedOauth, StartOauth } from "../../api/types.ts";
import { endOf, startAttempt } from "./attempt.ts";

export type Connection =
  | { state: "idle" }
  | { state: "starting" }
  /** It was begun; `isOpen` once the service's page was opened, `wasBlocked` when the browser did not do so. */
  | { state: "waiting"; started: StartedOauth; isOpen: boolean; wasBlocked: boolean }
  | { state: "connected"; started: StartedOauth; attempt: OauthAttempt }
  | { state: "failed"; message: string; error?: ApiError };

/** Opens the service's page. It must not reach back into this one. */
function open(address: string): void {
  window.open(address, "_blank", "noopener,noreferrer");
}

export interface Connect {
  connection: Connection;
  /** Begins. With `waits` the service's page is opened by a later click, after its address was registered there. */
  start: (body: StartOauth, waits: boolean) => void;
  /** Opens the service's page, again if need be. */
  go: () => void;
  /** Forgets the attempt; the server destroys it by itself. */
  reset: () => void;
}

/** `onConnected` is told in the same moment as the state: what it clears is never shown beside “Connected!”. */
export function useConnect(onConnected?: () => void): Connect {
  const [connection, setConnection] = useState<Connection>({ state: "idle" });
  const stop = useRef<AbortController>(undefined);
  const told = useRef(onConnected);
  useEffect(() => {
    told.current = onConnected;
  });
  useEffect(() => () => stop.current?.abort(), []);

  const start = useCallback((body: StartOauth, waits: boolean) => {
    stop.current?.abort();
    const watch = new AbortController();
    stop.current = watch;
    // A tab that is opened after the answer came would be taken for a pop-up, so it is opened with the click.
    const tab = waits ? null : window.open("about:blank", "_blank");
    if (tab) tab.opener = null;
    setConnection({ state: "starting" });
    const run = async () => {
      const started = await startAttempt(body);
      if (watch.signal.aborted) return;
      // A device code is shown first: it is typed at the service.
      if (tab && started.userCode) tab.close();
      else if (tab) tab.location.replace(started.authorizationUrl);
      setConnection({
        state: "waiting",
        started,
        isOpen: tab !== null && !started.userCode,
        wasBlocked: tab === null && !waits,
      });
      const attempt = await endOf(started.attemptId, watch.signal);
      if (attempt.status === "connected") {
        told.current?.();
        setConnection({ state: "connected", started, attempt });
      } else setConnection({ state: "failed", message: attempt.message ?? "It was not connected." });
    };
    run().catch((error: unknown) => {
      if (watch.signal.aborted) return;
      tab?.close();
      const isProblem = error instanceof ApiError;
      setConnection({ state: "failed", message: sentence(error), ...(isProblem ? { error } : {}) });
    });
  }, []);

  const go = useCallback(() => {
    if (connection.state !== "waiting") return;
    open(connection.started.authorizationUrl);
    setConnection({ ...connection, isOpen: true, wasBlocked: false });
  }, [connection]);

  const reset = useCallback(() => {
    stop.current?.abort();
    setConnection({ state: "idle" });
  }, []);

  return { connection, start, go, reset };
}
