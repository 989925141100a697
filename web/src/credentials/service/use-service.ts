/** What a form needs of a service: its name, the ways to authenticate, its guide. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, value } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import type { OauthApp } from "../../api/types.ts";
import { connectorQuery } from "../../catalog/queries.ts";
import type { Connector } from "../../catalog/types.ts";
import { oauthAppsQuery } from "../../oauth-apps/queries.ts";
import { genericWay, type Way, waysOf } from "../ways.ts";

/** The generic service: any host that the credential allows. */
export const GENERIC = "http";
/** Databases are described by the auth type alone. */
export const DATABASE = "postgresql";

export const credentialTypesQuery = queryOptions({
  // Not below ["credentials"], which every change of a credential asks for again: types change with the program alone.
  queryKey: ["credential-types"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => value(api.GET("/api/credentials/types", { signal })),
});

export interface Service {
  id: string;
  name: string;
  ways: Way[];
  /** The description of the service; none for the generic one. */
  connector?: Connector;
  /** What has to be registered at the service; the generic one's ends in the credential's ID, which is made later. */
  callback?: string;
  /** The OAuth apps that its credentials can use, the nearest first. */
  apps?: readonly OauthApp[];
  /** Whether its description is gone: what was made of it goes on, but its fields are not known. */
  isGone?: boolean;
}

const GENERIC_NAMES: Record<string, string> = {
  [GENERIC]: "Any HTTP service",
  [DATABASE]: "PostgreSQL database",
};

/** What lists call a service before its description is read. */
export const serviceLabel = (id: string): string =>
  id === GENERIC ? "HTTP" : id === DATABASE ? "PostgreSQL" : id;

/** Whether a service is described by the auth types alone. */
export const isGeneric = (id: string): boolean => id in GENERIC_NAMES;

/** The service, once everything about it is here. */
export function useService(id: string): { service?: Service; error: unknown; retry: () => void } {
  const types = useQuery(credentialTypesQuery);
  const connector = useQuery({ ...connectorQuery(id), enabled: !isGeneric(id) });
  const apps = useQuery({ ...oauthAppsQuery, enabled: !isGeneric(id) });
  const retry = () => {
    if (types.error) void types.refetch();
    if (connector.error) void connector.refetch();
  };
  // What was read once stays when it cannot be read again: a form that is filled in must not give way to an error.
  const failure = connector.data ? null : connector.error;
  const isGone = failure instanceof ApiError && failure.status === 404;
  const error = (types.data ? null : types.error) ?? (isGone ? null : failure);
  if (!types.data || error) return { error, retry };
  if (isGeneric(id)) {
    const fits = (authType: string) => (authType === "database") === (id === DATABASE);
    const ways = types.data.items.filter(({ authType }) => fits(authType)).map(genericWay);
    return { service: { id, name: GENERIC_NAMES[id] ?? id, ways }, error: undefined, retry };
  }
  const callback = `${types.data.callbackBase}${id}`;
  if (isGone) return { service: { id, name: id, ways: [], callback, isGone }, error: undefined, retry };
  // Without the apps the form asks for a client of its own, which always works.
  if (!connector.data || apps.isPending) return { error: undefined, retry };
  const { data } = connector;
  return {
    service: {
      id,
      name: data.name,
      ways: waysOf(data),
      connector: data,
      callback,
      apps: (apps.data ?? []).filter(({ service }) => service === id),
    },
    error: undefined,
    retry,
  };
}
