/** Credentials: what the API lists and gives, and what can be done with them. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import type { Credential, CredentialPatch, NewCredential, ScopeEffect, Verdict } from "../api/types.ts";
import { TYPE_GROUPS } from "./words.ts";

type Scope = Credential["scope"];

/** What the list is narrowed to; `group` is one of the groups of auth types. */
export interface CredentialFilter {
  scope?: string;
  group?: string;
  q?: string;
}

/** One page is as large as the API allows: the list is virtual, and few round trips fill it. */
export const credentialsQuery = ({ scope, group, q }: CredentialFilter) =>
  infiniteQueryOptions({
    queryKey: ["credentials", "list", { scope, group, q }],
    queryFn: ({ pageParam, signal }) => {
      const type = TYPE_GROUPS.find((entry) => entry.value === group)?.types.join(",");
      const query = {
        limit: 200,
        ...(scope ? { scope } : {}),
        ...(type ? { type } : {}),
        ...(q ? { q } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return value(api.GET("/api/credentials", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
  });

export const credentialQuery = (id: string) =>
  queryOptions({
    queryKey: ["credentials", "one", id],
    queryFn: ({ signal }) => value(api.GET("/api/credentials/{id}", { params: { path: { id } }, signal })),
  });

export const credentialUsageQuery = (id: string) =>
  queryOptions({
    queryKey: ["credentials", "usage", id],
    queryFn: ({ signal }) =>
      value(api.GET("/api/credentials/{id}/usage", { params: { path: { id } }, signal })),
  });

export const credentialAuditQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["credentials", "audit", id],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) };
      return value(api.GET("/api/credentials/{id}/audit", { params: { path: { id }, query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** What a change of scope would bring about. Nothing is changed by asking, so it is a query although it is a POST. */
export const scopePreviewQuery = (id: string, scope: string) =>
  queryOptions({
    queryKey: ["credentials", "scope", id, scope],
    queryFn: async ({ signal }) => {
      const params = { path: { id }, query: { preview: true } };
      const body = { scope: scope as Scope };
      const answer = await value(api.POST("/api/credentials/{id}/scope", { params, body, signal }));
      return answer as ScopeEffect;
    },
  });

/** A new secret, with the parameters where they change with it. */
interface Rotation {
  id: string;
  data: Record<string, unknown>;
  parameters?: Record<string, unknown>;
  force: boolean;
  /** For how many hours the former secret is kept; the server's own time when it is left out. */
  graceHours?: number;
}

/** The acts. Each brings everything that is shown of credentials up to date. */
export const credentialActs = {
  create: (body: NewCredential) => value(api.POST("/api/credentials", { body })),
  update: ({ id, body }: { id: string; body: CredentialPatch }) =>
    value(api.PATCH("/api/credentials/{id}", { params: { path: { id } }, body })),
  testNew: (body: NewCredential): Promise<Verdict> => value(api.POST("/api/credentials/test", { body })),
  test: (id: string): Promise<Verdict> =>
    value(api.POST("/api/credentials/{id}/test", { params: { path: { id } }, body: {} })),
  duplicate: ({ id, name, scope }: { id: string; name: string; scope: string }) =>
    value(
      api.POST("/api/credentials/{id}/duplicate", {
        params: { path: { id } },
        body: { name, scope: scope as Scope },
      }),
    ),
  rescope: ({ id, scope, note }: { id: string; scope: string; note?: string }) =>
    value(
      api.POST("/api/credentials/{id}/scope", {
        params: { path: { id } },
        body: { scope: scope as Scope, ...(note ? { note } : {}) },
      }),
    ),
  rotate: ({ id, data, parameters, force, graceHours }: Rotation) =>
    value(
      api.POST("/api/credentials/{id}/rotate", {
        params: { path: { id } },
        body: {
          data,
          ...(parameters ? { parameters } : {}),
          ...(graceHours === undefined ? {} : { graceHours }),
          force,
        },
      }),
    ),
  rollBack: (id: string) =>
    value(api.POST("/api/credentials/{id}/rollback", { params: { path: { id } }, body: {} })),
  revoke: (id: string) =>
    value(api.POST("/api/credentials/{id}/revoke", { params: { path: { id } }, body: {} })),
  remove: ({ id, confirm }: { id: string; confirm?: string }) =>
    value(
      api.DELETE("/api/credentials/{id}", { params: { path: { id }, query: confirm ? { confirm } : {} } }),
    ),
};

/** A mutation of one of the acts. */
export function useCredentialAct<In, Out>(
  act: (given: In) => Promise<Out>,
  onSuccess?: (answer: Out, given: In) => void,
) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    // A secret that was typed must not stay in the cache of finished calls.
    gcTime: 0,
    onSuccess,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["credentials"] }),
  });
}

/** What a dialog or drawer of the screen is about. */
export type CredentialDialog =
  | { kind: "add"; service?: string }
  | {
      kind:
        | "edit"
        | "test"
        | "reconnect"
        | "scope"
        | "duplicate"
        | "rotate"
        | "rollBack"
        | "revoke"
        | "delete"
        | "usage"
        | "audit";
      credential: Credential;
    };
