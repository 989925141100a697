/** What registries offer, installing it, and the registries themselves. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import { useStepUp } from "../auth/step-up.tsx";

/** Every look reads the registries anew over the network, so it is not done with each change of screen. */
const FRESH_MS = 60_000;

/** All packages: they are filtered in the page, so that search answers without asking every registry again. */
export const offerQuery = queryOptions({
  queryKey: ["marketplace", "offer"],
  staleTime: FRESH_MS,
  queryFn: ({ signal }) => value(api.GET("/api/marketplace/packages", { signal })),
});

export const packageQuery = (registry: string, id: string) =>
  queryOptions({
    queryKey: ["marketplace", "package", registry, id],
    staleTime: FRESH_MS,
    queryFn: ({ signal }) =>
      value(
        api.GET("/api/marketplace/packages/{registry}/{package}", {
          params: { path: { registry, package: id } },
          signal,
        }),
      ),
  });

export const registriesQuery = queryOptions({
  queryKey: ["marketplace", "registries"],
  staleTime: FRESH_MS,
  queryFn: async ({ signal }) => (await value(api.GET("/api/marketplace/registries", { signal }))).items,
});

/** A version with what was agreed to, by name: exactly what the dialog showed. */
export interface Install {
  registry: string;
  id: string;
  version: string;
  accept: { hosts: string[]; permissions: string[] };
}

export type NewRegistry = components["schemas"]["RegistryBody"];

export const marketplaceActs = {
  install: ({ registry, id, version, accept }: Install) =>
    value(
      api.POST("/api/marketplace/packages/{registry}/{package}/install", {
        params: { path: { registry, package: id } },
        body: { version, accept },
      }),
    ),
  rollBack: (id: string) =>
    value(api.POST("/api/marketplace/installed/{package}/rollback", { params: { path: { package: id } } })),
  remove: (id: string) =>
    value(api.DELETE("/api/marketplace/installed/{package}", { params: { path: { package: id } } })),
  addRegistry: (body: NewRegistry) => value(api.POST("/api/marketplace/registries", { body })),
  removeRegistry: (registry: string) =>
    value(api.DELETE("/api/marketplace/registries/{registry}", { params: { path: { registry } } })),
};

/**
 * A mutation of one of the acts, which asks for a proof where the server wants one. Whatever came of it, packages and
 * connectors are read anew: a refusal often means that something changed since they were read.
 */
export function useMarketplaceAct<In, Out>(act: (given: In) => Promise<Out>) {
  const queryClient = useQueryClient();
  const guard = useStepUp();
  return useMutation({
    mutationFn: (given: In) => guard(() => act(given)),
    // Nobody waits for that: a dialog says at once what came of it, before the lists below it change.
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: ["marketplace"] });
      void queryClient.invalidateQueries({ queryKey: ["connectors"] });
    },
  });
}
