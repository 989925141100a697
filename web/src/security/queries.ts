/** One's own sessions, sign-ins and password. */
import { queryOptions } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";

export const sessionsQuery = queryOptions({
  queryKey: ["me", "sessions"],
  queryFn: ({ signal }) => value(api.GET("/api/me/sessions", { signal })),
});

export const signInsQuery = queryOptions({
  queryKey: ["me", "sign-ins"],
  queryFn: ({ signal }) => value(api.GET("/api/me/sign-ins", { signal })),
});

/** `Firefox on Linux` out of what a browser calls itself. */
export function browserName(userAgent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(userAgent)?.[1];
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(userAgent)?.[1];
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS" };
  const known = [browser, system].map((word) => (word ? (names[word] ?? word) : undefined));
  return known[0] ? known.filter(Boolean).join(" on ") : userAgent.slice(0, 60) || "Unknown";
}
