/** Deletes a workflow. Where it is active, its name has to be typed. */
import { Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { notify } from "../ui/notify.ts";
import type { WorkflowSummary } from "./queries.ts";

export function DeleteWorkflow({ workflow, onClose }: { workflow: WorkflowSummary; onClose: () => void }) {
  const { id, name, status } = workflow;
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => value(api.DELETE("/api/workflows/{id}", { params: { path: { id } } })),
    onSuccess: async () => {
      notify.done("Deleted", `${name} and its runs are gone.`);
      onClose();
      await queryClient.invalidateQueries({ queryKey: ["workflows"] });
    },
  });
  const isActive = status === "active";
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      label="Delete"
      typed={isActive ? name : undefined}
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Text size="sm">
        It is removed for good, with its versions and its executions. Credentials that it uses stay.
        {isActive ? " It is active: its trigger stops at once." : " To put it away for a while, archive it."}
      </Text>
    </ConfirmDialog>
  );
}
