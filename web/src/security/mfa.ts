/** One's own second factors. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import { meQuery } from "../auth/me.ts";

export const mfaQuery = queryOptions({
  queryKey: ["me", "mfa"],
  queryFn: ({ signal }) => value(api.GET("/api/me/mfa", { signal })),
});

/** After a factor came or went: the other sessions ended, and whoever had to set one up may go everywhere now. */
export async function refreshFactors(queryClient: QueryClient): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["me", "mfa"] }),
    queryClient.invalidateQueries({ queryKey: ["me", "sessions"] }),
    queryClient.fetchQuery({ ...meQuery, staleTime: 0 }),
  ]);
}
