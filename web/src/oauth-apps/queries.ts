/** OAuth apps: clients of the operator at a service, set up once and used by many credentials. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import type { ProblemText } from "../api/problem.ts";
import { ApiError } from "../api/problem.ts";
import type { NewOauthApp, OauthApp, OauthAppClient } from "../api/types.ts";

/** Every app that the workspace shares, by service and then the nearest first. */
export const oauthAppsQuery = queryOptions({
  queryKey: ["oauth-apps"],
  queryFn: async ({ signal }) => (await value(api.GET("/api/oauth-apps", { signal }))).items,
});

/** A client that takes the place of the one that an app has. */
interface Replacement {
  readonly id: string;
  readonly body: OauthAppClient;
}

export const oauthAppActs = {
  create: (body: NewOauthApp) => value(api.POST("/api/oauth-apps", { body })),
  /** The app is read first, so that a change which somebody else made meanwhile is not written over. */
  replace: async ({ id, body }: Replacement) => {
    const path = { id };
    const read = api.GET("/api/oauth-apps/{id}", { params: { path } });
    await value(read);
    const header = { "If-Match": (await read).response.headers.get("etag") };
    return value(api.PUT("/api/oauth-apps/{id}", { params: { path, header }, body }));
  },
  remove: (id: string) => value(api.DELETE("/api/oauth-apps/{id}", { params: { path: { id } } })),
};

/** A mutation of one of the acts. */
export function useOauthAppAct<In, Out>(
  act: (given: In) => Promise<Out>,
  onSuccess: (answer: Out, given: In) => void,
) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    // A secret that was typed must not stay in the cache of finished calls.
    gcTime: 0,
    onSuccess,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["oauth-apps"] }),
  });
}

/** What keeps an app from being removed, out of the answer that refused it. */
export type Users = Required<Pick<ProblemText, "credentials" | "elsewhere">>;

export function usersIn(error: unknown): Users | undefined {
  if (!(error instanceof ApiError) || error.problem.code !== "oauth_app_in_use") return undefined;
  const { credentials = [], elsewhere = 0 } = error.problem;
  return { credentials, elsewhere };
}

/** What identifies the client of an app. */
export const clientIdOf = (app: OauthApp): string => {
  const { clientId } = app.parameters as { clientId?: unknown };
  return typeof clientId === "string" ? clientId : "";
};
