/** OpenID providers: the buttons of the sign-in page, one's own identities, and what the organization set up. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import { useStepUp } from "../auth/step-up.tsx";

export type IdentityProvider = components["schemas"]["IdentityProviderBody"];
export type NewIdentityProvider = components["schemas"]["NewIdentityProviderBody"];
export type IdentityProviderPatch = components["schemas"]["IdentityProviderPatch"];
export type SignInRules = components["schemas"]["SignInRulesBody"];
export type GroupRole = components["schemas"]["GroupRoleBody"];

/** The buttons of the sign-in page. Without an answer there are none, and the password does as ever. */
export const signInProvidersQuery = queryOptions({
  queryKey: ["sign-in-providers"],
  queryFn: ({ signal }) => value(api.GET("/api/auth/providers", { signal })),
  staleTime: 60_000,
  retry: false,
});

/** Leaves for the provider's page. */
export async function leaveFor(started: Promise<{ authorizationUrl: string }>): Promise<void> {
  window.location.assign((await started).authorizationUrl);
}

export const startSignIn = (body: components["schemas"]["OpenidStartBody"]) =>
  leaveFor(value(api.POST("/api/auth/openid/start", { body })));

export const identitiesQuery = queryOptions({
  queryKey: ["me", "identities"],
  queryFn: ({ signal }) => value(api.GET("/api/me/identities", { signal })),
});

export const identityActs = {
  link: (providerId: string) =>
    leaveFor(value(api.POST("/api/me/identities", { body: { providerId, returnTo: "/settings/security" } }))),
  unlink: (id: string) => value(api.DELETE("/api/me/identities/{id}", { params: { path: { id } } })),
};

export const providersQuery = queryOptions({
  queryKey: ["organization", "identity-providers"],
  queryFn: ({ signal }) => value(api.GET("/api/organization/identity-providers", { signal })),
});

/** What groups are given, with the tag of what was read: a change names it. */
export const groupRolesQuery = queryOptions({
  queryKey: ["organization", "group-roles"],
  queryFn: async ({ signal }) => {
    const answer = api.GET("/api/organization/group-roles", { signal });
    const { items } = await value(answer);
    return { items, tag: (await answer).response.headers.get("etag") };
  },
  refetchOnWindowFocus: false,
});

export const providerActs = {
  add: (body: NewIdentityProvider) => value(api.POST("/api/organization/identity-providers", { body })),
  change: ({ id, body }: { id: string; body: IdentityProviderPatch }) =>
    value(api.PATCH("/api/organization/identity-providers/{id}", { params: { path: { id } }, body })),
  remove: (id: string) =>
    value(api.DELETE("/api/organization/identity-providers/{id}", { params: { path: { id } } })),
  setGroupRoles: ({ items, tag }: { items: GroupRole[]; tag: string | null }) =>
    value(
      api.PUT("/api/organization/group-roles", { params: { header: { "If-Match": tag } }, body: { items } }),
    ),
  makeScimKey: (name: string) =>
    value(api.POST("/api/api-keys", { body: { name, scopes: ["scim:provision"] } })),
};

/** A mutation of one of the acts, which asks for the password or a factor where the server wants it. */
export function useIdentityAct<In, Out>(act: (given: In) => Promise<Out>, onSuccess?: (answer: Out) => void) {
  const queryClient = useQueryClient();
  const guard = useStepUp();
  return useMutation({
    mutationFn: (given: In) => guard(() => act(given)),
    // A client secret that was typed, or a key that is shown once, must not stay in the cache of finished calls.
    gcTime: 0,
    onSuccess,
    onSettled: async () => {
      for (const queryKey of [["organization"], ["me", "identities"], ["api-keys"]])
        await queryClient.invalidateQueries({ queryKey });
    },
  });
}
