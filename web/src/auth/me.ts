/** Who is signed in, in which workspace, with which role. */
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { api, setWorkspace, value } from "../api/client.ts";
import type { Me } from "../api/types.ts";

/** The query behind `GET /api/me`; calls that follow are about the workspace that it names. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async (): Promise<Me> => {
    const me = await value(api.GET("/api/me"));
    setWorkspace(me.workspaceId);
    return me;
  },
  staleTime: 60_000,
});

/** The signed-in person. Only for screens inside the shell. */
export const useMe = (): Me => useSuspenseQuery(meQuery).data;
