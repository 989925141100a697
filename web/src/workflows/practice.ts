/** The practice service: a credential for it, and a workflow that calls it with that. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import type { NewCredential, NewWorkflow } from "../api/types.ts";
import { useCan } from "../auth/me.ts";
import { notify } from "../ui/notify.ts";

type Practice = components["schemas"]["PracticeBody"];

/** The practice service; null where the operator offers none. */
export const practiceQuery = queryOptions({
  queryKey: ["practice"],
  queryFn: async ({ signal }): Promise<Practice | null> => {
    try {
      return await value(api.GET("/api/practice", { signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** The credential. Its token is the service's, which everybody may know. */
export const practiceCredential = (
  { url, token }: Practice,
  scope: "personal" | "workspace",
): NewCredential => ({
  name: "Practice service",
  service: "http",
  authType: "bearer",
  scope,
  parameters: { testUrl: `${url}/orders/1` },
  data: { token },
  allowedHosts: [url],
});

/** A workflow that reads an order there. */
export const practiceWorkflow = ({ url }: Practice, credentialId: string): NewWorkflow => ({
  name: "Practice: look up an order",
  description: "Press Run, then open a node: it shows what went in and what came out, and no token.",
  nodes: [
    { id: "start", name: "Start", type: "Start", parameters: {}, position: { x: 0, y: 0 } },
    {
      id: "call",
      name: "Look up",
      type: "HTTPRequest",
      credentialId,
      parameters: { method: "GET", url: `${url}/orders/42` },
      position: { x: 320, y: 0 },
    },
    {
      id: "title",
      name: "Its title",
      type: "Set",
      parameters: { fields: { title: '{{ $node["Look up"].json.body.title }}' }, keepInput: false },
      position: { x: 640, y: 0 },
    },
  ],
  edges: [
    { from: "start", to: "call" },
    { from: "call", to: "title" },
  ],
});

/** Connects the practice service, makes the workflow, and opens it. */
export function usePractice() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const scope = useCan("credentials.createWorkspace") ? "workspace" : "personal";
  return useMutation({
    mutationFn: async (practice: Practice) => {
      const body = practiceCredential(practice, scope);
      const { id } = await value(api.POST("/api/credentials", { body }));
      const made = await value(api.POST("/api/workflows", { body: practiceWorkflow(practice, id) }));
      return made.id;
    },
    gcTime: 0,
    onSuccess: async (workflowId) => {
      notify.done("Connected", "The credential is stored, and the workflow uses it. Press Run.");
      await navigate({ to: "/workflows/$workflowId", params: { workflowId } });
    },
    onError: (error) => notify.failed("Not connected", sentence(error)),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: ["credentials"] }),
        queryClient.invalidateQueries({ queryKey: ["workflows", "list"] }),
      ]),
  });
}
