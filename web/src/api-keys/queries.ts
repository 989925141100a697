/** Flero's own API keys. */
import { infiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import type { NewApiKey } from "../api/types.ts";

export const apiKeysQuery = infiniteQueryOptions({
  queryKey: ["api-keys"],
  queryFn: ({ pageParam, signal }) => {
    const query = { limit: 100, ...(pageParam ? { cursor: pageParam } : {}) };
    return value(api.GET("/api/api-keys", { params: { query }, signal }));
  },
  initialPageParam: "",
  getNextPageParam: (page) => page.nextCursor ?? undefined,
});

/** Makes a key. The answer holds the key itself, this once; it is never put into a cache. */
export function useMakeApiKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: NewApiKey) => value(api.POST("/api/api-keys", { body })),
    gcTime: 0,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["api-keys"] }),
  });
}

export function useRevokeApiKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => value(api.DELETE("/api/api-keys/{id}", { params: { path: { id } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["api-keys"] }),
  });
}
