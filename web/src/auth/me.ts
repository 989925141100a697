/** Who is signed in, in which workspace, with which role. */
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { api, setWorkspace, value } from "../api/client.ts";
import { ApiError } from "../api/problem.ts";
import type { Me } from "../api/types.ts";
import { chosenWorkspace, forgetWorkspace } from "./workspace.ts";

/** Asks in the workspace that was chosen last; if that is gone, in the first one. */
async function fetchMe(): Promise<Me> {
  setWorkspace(chosenWorkspace());
  try {
    return await value(api.GET("/api/me"));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    forgetWorkspace();
    setWorkspace(undefined);
    return value(api.GET("/api/me"));
  }
}

/** The query behind `GET /api/me`; calls that follow are about the workspace that it names. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async (): Promise<Me> => {
    const me = await fetchMe();
    setWorkspace(me.workspaceId ?? undefined);
    return me;
  },
  staleTime: 60_000,
});

/** The signed-in person. Only for screens inside the shell. */
export const useMe = (): Me => useSuspenseQuery(meQuery).data;

/** Whether the signed-in person may do something, for example `credentials.write`. The server decides again. */
export const useCan = (permission: string): boolean => useMe().permissions.includes(permission);
