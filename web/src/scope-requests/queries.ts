/** Requests for a wider scope of a credential: what the API lists, and what can be done with one. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import { useStepUp } from "../auth/step-up.tsx";

export type ScopeRequest = components["schemas"]["ScopeRequestBody"];
export type ScopeRequestDetail = components["schemas"]["ScopeRequestDetailBody"];

/** What the list is narrowed to. */
export interface RequestFilter {
  status?: string;
  credentialId?: string;
}

export const requestsQuery = (filter: RequestFilter) =>
  infiniteQueryOptions({
    queryKey: ["scope-requests", "list", filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) };
      return value(api.GET("/api/scope-requests", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** The requests that wait for a decision; those of others come as notifications, so that it is not asked often. */
export const openRequestsQuery = queryOptions({
  queryKey: ["scope-requests", "open"],
  queryFn: ({ signal }) =>
    value(api.GET("/api/scope-requests", { params: { query: { status: "open", limit: 100 } }, signal })),
  staleTime: 30_000,
});

export const requestQuery = (id: string) =>
  queryOptions({
    queryKey: ["scope-requests", "one", id],
    queryFn: ({ signal }) => value(api.GET("/api/scope-requests/{id}", { params: { path: { id } }, signal })),
  });

export const requestActs = {
  approve: (id: string) => value(api.POST("/api/scope-requests/{id}/approve", { params: { path: { id } } })),
  reject: ({ id, reason }: { id: string; reason: string }) =>
    value(api.POST("/api/scope-requests/{id}/reject", { params: { path: { id } }, body: { reason } })),
  withdraw: (id: string) => value(api.DELETE("/api/scope-requests/{id}", { params: { path: { id } } })),
};

/** A mutation of one of the acts. What is shown of requests and of credentials is read again after it. */
export function useRequestAct<In, Out>(act: (given: In) => Promise<Out>, onSuccess?: (answer: Out) => void) {
  const queryClient = useQueryClient();
  const guard = useStepUp();
  return useMutation({
    mutationFn: (given: In) => guard(() => act(given)),
    gcTime: 0,
    onSuccess,
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ["scope-requests"] });
      await queryClient.invalidateQueries({ queryKey: ["credentials"] });
    },
  });
}
