/** An attempt to connect an account: begun, watched until it ends, saved. */
import { api, value } from "../../api/client.ts";
import type { Credential, NewCredential, OauthAttempt, StartedOauth, StartOauth } from "../../api/types.ts";
import { readEvents } from "../../editor/session/events.ts";

/** Milliseconds until a broken stream is looked at again. */
const LOOK_MS = 2_000;

export const startAttempt = (body: StartOauth): Promise<StartedOauth> =>
  value(api.POST("/api/credentials/oauth/start", { body }));

export const saveAttempt = (body: Partial<NewCredential> & { attemptId: string }): Promise<Credential> =>
  value(api.POST("/api/credentials", { body: body as NewCredential }));

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

async function listen(id: string, signal: AbortSignal): Promise<OauthAttempt | undefined> {
  const path = { attemptId: id };
  const { data, response } = await api.GET("/api/credentials/oauth/{attemptId}/events", {
    params: { path },
    parseAs: "stream",
    signal,
  });
  if (!response.ok || !data) return undefined;
  for await (const { event, data: text } of readEvents(data as unknown as ReadableStream<Uint8Array>)) {
    const attempt = event === "attempt" ? (JSON.parse(text) as OauthAttempt) : undefined;
    if (attempt && attempt.status !== "pending") return attempt;
  }
  return undefined;
}

/** Waits until an attempt ends, in whichever tab. Listens to its events, and asks where a proxy cuts them off. */
export async function endOf(id: string, signal: AbortSignal): Promise<OauthAttempt> {
  for (;;) {
    const heard = await listen(id, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return undefined;
    });
    if (heard) return heard;
    const params = { path: { attemptId: id } };
    const asked = await value(api.GET("/api/credentials/oauth/{attemptId}", { params, signal }));
    if (asked.status !== "pending") return asked;
    await pause(LOOK_MS, signal);
  }
}
