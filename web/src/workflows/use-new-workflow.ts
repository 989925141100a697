/** Makes a workflow and opens it: an empty draft with a Start node, unless another document is given. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, value } from "../api/client.ts";
import { sentence } from "../api/problem.ts";
import type { NewWorkflow } from "../api/types.ts";
import { notify } from "../ui/notify.ts";

const DRAFT = {
  name: "Untitled workflow",
  nodes: [{ id: "start", name: "Start", type: "Start", parameters: {}, position: { x: 0, y: 0 } }],
  edges: [],
};

export function useNewWorkflow(document: NewWorkflow = DRAFT) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => value(api.POST("/api/workflows", { body: document })),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: ["workflows", "list"] });
      await navigate({
        to: "/workflows/$workflowId",
        params: { workflowId: made.id },
      });
    },
    onError: (error) => notify.failed("Not created", sentence(error)),
  });
}
