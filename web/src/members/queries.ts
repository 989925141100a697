/** The members of the workspace and the invitations to it. */
import { infiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import { useStepUp } from "../auth/step-up.tsx";

const pages = {
  initialPageParam: "",
  getNextPageParam: (page: { nextCursor?: string | null }) => page.nextCursor ?? undefined,
};
const query = (cursor: string) => ({ limit: 100, ...(cursor ? { cursor } : {}) });

export const membersQuery = infiniteQueryOptions({
  queryKey: ["members"],
  queryFn: ({ pageParam, signal }) =>
    value(api.GET("/api/members", { params: { query: query(pageParam) }, signal })),
  ...pages,
});

export const invitesQuery = infiniteQueryOptions({
  queryKey: ["invites"],
  queryFn: ({ pageParam, signal }) =>
    value(api.GET("/api/invites", { params: { query: query(pageParam) }, signal })),
  ...pages,
});

/** The roles that somebody can be given, weakest first. */
export const ROLES = [
  { value: "viewer", label: "Viewer", hint: "Sees workflows, executions and that credentials exist." },
  {
    value: "editor",
    label: "Editor",
    hint: "Builds and runs workflows, uses the workspace's credentials, keeps personal ones.",
  },
  {
    value: "admin",
    label: "Admin",
    hint: "Also manages credentials, members, variables and reads the audit log.",
  },
] as const;

export const memberActs = {
  invite: (body: { emails: string[]; role: string }) => value(api.POST("/api/invites", { body })),
  takeBack: (id: string) => value(api.DELETE("/api/invites/{id}", { params: { path: { id } } })),
  resend: (id: string) => value(api.POST("/api/invites/{id}/resend", { params: { path: { id } } })),
  setRole: ({ userId, role }: { userId: string; role: string }) =>
    value(api.PATCH("/api/members/{userId}", { params: { path: { userId } }, body: { role } })),
  remove: (userId: string) => value(api.DELETE("/api/members/{userId}", { params: { path: { userId } } })),
};

/** A mutation of one of the acts, which asks for the password where the server wants it. */
export function useMemberAct<In, Out>(act: (given: In) => Promise<Out>) {
  const queryClient = useQueryClient();
  const guard = useStepUp();
  return useMutation({
    mutationFn: (given: In) => guard(() => act(given)),
    gcTime: 0,
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ["members"] });
      await queryClient.invalidateQueries({ queryKey: ["invites"] });
    },
  });
}
