/** The workspace itself: its name, whose it is, and its end. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import { meQuery } from "../auth/me.ts";
import { useStepUp } from "../auth/step-up.tsx";

export const workspaceActs = {
  create: (name: string) => value(api.POST("/api/workspaces", { body: { name } })),
  rename: ({ id, name }: { id: string; name: string }) =>
    value(api.PATCH("/api/workspaces/{id}", { params: { path: { id } }, body: { name } })),
  transfer: ({ id, userId }: { id: string; userId: string }) =>
    value(api.POST("/api/workspaces/{id}/transfer", { params: { path: { id } }, body: { userId } })),
  archive: (id: string) => value(api.POST("/api/workspaces/{id}/archive", { params: { path: { id } } })),
  restore: (id: string) => value(api.POST("/api/workspaces/{id}/restore", { params: { path: { id } } })),
  remove: ({ id, confirm }: { id: string; confirm: string }) =>
    value(api.DELETE("/api/workspaces/{id}", { params: { path: { id }, query: { confirm } } })),
};

/** A mutation of one of the acts. Who one is in which workspace is read again after it. */
export function useWorkspaceAct<In, Out>(
  act: (given: In) => Promise<Out>,
  onSuccess?: (answer: Out) => unknown,
) {
  const queryClient = useQueryClient();
  const guard = useStepUp();
  return useMutation({
    mutationFn: (given: In) => guard(() => act(given)),
    gcTime: 0,
    onSuccess: async (answer) => {
      await onSuccess?.(answer);
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    },
  });
}
