/**
 * Calls the API, with types that are generated from its description.
 *
 * A session lives in a cookie that scripts cannot read. Where the demonstration's link brings a short-lived key
 * instead, it is kept in a variable of this module and nowhere else: a reload forgets it.
 */

import createClient from "openapi-fetch";
import type { paths } from "#api";
import { ApiError, problemOf } from "./problem.ts";

let key: string | undefined;
let workspaceId: string | undefined;

/** Uses an API key for every call from now on, or none. */
export function rememberKey(value: string | undefined): void {
  key = value;
}

/** Whether calls are made with a key instead of a session. */
export const hasKeyInMemory = (): boolean => key !== undefined;

/** Names the workspace that calls are about. */
export function setWorkspace(id: string | undefined): void {
  workspaceId = id;
}

/** The value of the readable cookie that a change made with a session has to repeat. */
export function csrfToken(cookies: string = document.cookie): string | undefined {
  const pair = cookies.split("; ").find((entry) => entry.startsWith("flero-csrf="));
  return pair?.slice("flero-csrf=".length);
}

/** Adds who we are, and for a change the proof that this page made it. */
function prepare(request: Request): Request {
  if (key !== undefined) request.headers.set("authorization", `Bearer ${key}`);
  if (workspaceId !== undefined) request.headers.set("flero-workspace", workspaceId);
  const token = request.method === "GET" ? undefined : csrfToken();
  if (token !== undefined) request.headers.set("x-csrf-token", token);
  return request;
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(prepare(request));
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(undefined, {
      title: "Flero does not answer",
      detail: "Check that the server runs, then try again.",
    });
  }
}

/** The client. Its answers are `{ data, error, response }`; `value` turns them into data or an `ApiError`. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  cache: "no-store",
  fetch: send,
});

/** The answer's data; throws an `ApiError` for everything else. */
export async function value<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ApiError(response.status, problemOf(error, response.status));
  return data as T;
}
