/** An invitation, read and accepted by whoever holds its link. */
import { queryOptions } from "@tanstack/react-query";
import type { components } from "#api";
import { api, value } from "../api/client.ts";

export type ToldInvite = components["schemas"]["ToldInviteBody"];

/** What an invitation is for. The key of the query does not hold the token, and nothing of it stays in the cache. */
export const inviteQuery = (token: string) =>
  queryOptions({
    queryKey: ["invite"],
    queryFn: ({ signal }) => value(api.POST("/api/auth/invite", { body: { token }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });

/** Accepts it as whoever is signed in; their address has to be the invited one. */
export const acceptInvite = (token: string) => value(api.POST("/api/me/invites", { body: { token } }));

/** The role in the words of a sentence: `an editor`. */
export const asRole = (role: string): string => `${/^[aeo]/.test(role) ? "an" : "a"} ${role}`;
