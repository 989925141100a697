/** The credentials that the fields of a panel choose from. */

import { queryOptions } from "@tanstack/react-query";
import { api, value } from "../../api/client.ts";
import type { Credential } from "../../api/types.ts";

/** Pages of 200 until all are there: a list to choose from has no "more" button. */
export const credentialChoicesQuery = queryOptions({
  queryKey: ["credentials", "choices"],
  queryFn: async ({ signal }) => {
    const all: Credential[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 200, ...(cursor ? { cursor } : {}) };
      const page = await value(api.GET("/api/credentials", { params: { query }, signal }));
      all.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    return all;
  },
  staleTime: 10_000,
});
