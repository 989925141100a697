/** Credentials, as the API lists and gives them. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";

export interface CredentialFilter {
  scope?: string;
  type?: string;
  status?: string;
  q?: string;
}

/** One page is as large as the API allows: the list is virtual, and few round trips fill it. */
export const credentialsQuery = (filter: CredentialFilter) =>
  infiniteQueryOptions({
    queryKey: ["credentials", "list", filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) };
      return value(api.GET("/api/credentials", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
