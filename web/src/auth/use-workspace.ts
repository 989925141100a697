/** The way into another workspace. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { meQuery } from "./me.ts";
import { chooseWorkspace, forgetWorkspace } from "./workspace.ts";

/** Gives what enters a workspace: nothing of the former one stays on the screen or in the cache. */
export function useEnterWorkspace(): (id: string) => Promise<void> {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return async (id) => {
    chooseWorkspace(id);
    await navigate({ to: "/workflows" });
    queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
    await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    await queryClient.refetchQueries({ type: "active" });
  };
}

/** Gives what goes on after a workspace is no longer one's own: in the next one, or in none. */
export function useExitWorkspace(): (id: string) => Promise<void> {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const enter = useEnterWorkspace();
  return async (id) => {
    const { workspaces } = await queryClient.ensureQueryData(meQuery);
    const next = workspaces.find((workspace) => workspace.id !== id);
    if (next) return enter(next.id);
    forgetWorkspace();
    await navigate({ to: "/workflows" });
    await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
  };
}
