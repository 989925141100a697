/** The cache of what the API answered. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./problem.ts";

/** An answer is fresh for a few seconds, so that going back and forth costs nothing; only passing failures are retried. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (count, error) => count < 2 && error instanceof ApiError && (error.status ?? 503) >= 500,
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
}
