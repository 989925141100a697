/** Makes a draft with a Start node and opens it. */
import { Button, type ButtonProps } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { api, value } from "../api/client.ts";
import { sentence } from "../api/problem.ts";
import { useCan } from "../auth/me.ts";
import { notify } from "../ui/notify.ts";

const DRAFT = {
  name: "Untitled workflow",
  nodes: [{ id: "start", name: "Start", type: "Start", parameters: {}, position: { x: 0, y: 0 } }],
  edges: [],
};

export function NewWorkflow(props: Pick<ButtonProps, "size" | "variant">) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const canMake = useCan("workflows.create");
  const make = useMutation({
    mutationFn: () => value(api.POST("/api/workflows", { body: DRAFT as never })),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: ["workflows", "list"] });
      await navigate({
        to: "/workflows/$workflowId",
        params: { workflowId: (made as unknown as { id: string }).id },
      });
    },
    onError: (error) => notify.failed("Not created", sentence(error)),
  });
  if (!canMake) return null;
  return (
    <Button
      {...props}
      leftSection={<Plus size={15} aria-hidden />}
      loading={make.isPending}
      onClick={() => make.mutate()}
    >
      New workflow
    </Button>
  );
}
