/** The organization: its policies and its people. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import { useStepUp } from "../auth/step-up.tsx";

export type Policies = components["schemas"]["PoliciesBody"];

export const organizationQuery = queryOptions({
  queryKey: ["organization"],
  queryFn: ({ signal }) => value(api.GET("/api/organization", { signal })),
});

/** The policies, with the tag of what was read: a change names it, so that two people never overwrite each other. */
export const policiesQuery = queryOptions({
  queryKey: ["organization", "policies"],
  queryFn: async ({ signal }) => {
    const answer = api.GET("/api/organization/policies", { signal });
    const policies = await value(answer);
    return { policies, tag: (await answer).response.headers.get("etag") };
  },
  refetchOnWindowFocus: false,
});

export const organizationMembersQuery = infiniteQueryOptions({
  queryKey: ["organization", "members"],
  queryFn: ({ pageParam, signal }) => {
    const query = { limit: 100, ...(pageParam ? { cursor: pageParam } : {}) };
    return value(api.GET("/api/organization/members", { params: { query }, signal }));
  },
  initialPageParam: "",
  getNextPageParam: (page) => page.nextCursor ?? undefined,
});

export const organizationActs = {
  setPolicies: ({ policies, tag }: { policies: Policies; tag: string | null }) =>
    value(api.PUT("/api/organization/policies", { params: { header: { "If-Match": tag } }, body: policies })),
  deactivate: (userId: string) =>
    value(api.POST("/api/organization/members/{userId}/deactivate", { params: { path: { userId } } })),
  reactivate: (userId: string) =>
    value(api.POST("/api/organization/members/{userId}/reactivate", { params: { path: { userId } } })),
  unlock: (userId: string) =>
    value(api.POST("/api/organization/members/{userId}/unlock", { params: { path: { userId } } })),
  remove: ({ userId, confirm }: { userId: string; confirm: string }) =>
    value(
      api.DELETE("/api/organization/members/{userId}", { params: { path: { userId }, query: { confirm } } }),
    ),
  setRole: ({ userId, role }: { userId: string; role: string }) =>
    value(api.PATCH("/api/organization/members/{userId}", { params: { path: { userId } }, body: { role } })),
};

/** A mutation of one of the acts, which asks for the password or a factor where the server wants it. */
export function useOrganizationAct<In, Out>(act: (given: In) => Promise<Out>, onSuccess?: () => void) {
  const queryClient = useQueryClient();
  const guard = useStepUp();
  return useMutation({
    mutationFn: (given: In) => guard(() => act(given)),
    gcTime: 0,
    // What is said comes first: the form of the policies is made anew when they are read again.
    onSuccess: () => {
      onSuccess?.();
      return queryClient.invalidateQueries({ queryKey: ["organization"] });
    },
  });
}
