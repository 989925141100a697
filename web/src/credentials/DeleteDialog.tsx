/** Deletes a credential. Where active workflows use it, its name has to be typed. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Credential } from "../api/types.ts";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { notify } from "../ui/notify.ts";
import { credentialActs, credentialUsageQuery, useCredentialAct } from "./queries.ts";
import { WorkflowsUsing } from "./WorkflowsUsing.tsx";

export function DeleteDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const usage = useQuery(credentialUsageQuery(credential.id));
  const isActive = usage.data?.items.some((workflow) => workflow.active) ?? false;
  const remove = useCredentialAct(credentialActs.remove, () => {
    notify.done("Deleted", `${credential.name} and its secret are gone.`);
    onClose();
  });
  return (
    <ConfirmDialog
      title={`Delete ${credential.name}?`}
      label="Delete"
      typed={isActive ? credential.name : undefined}
      error={remove.error}
      isPending={remove.isPending}
      disabled={usage.isPending}
      onConfirm={(confirm) => remove.mutate({ id: credential.id, ...(isActive ? { confirm } : {}) })}
      onClose={onClose}
    >
      <Text size="sm">
        The credential and its secret are removed for good. The audit log keeps what was done with it.
      </Text>
      <WorkflowsUsing credentialId={credential.id} verb="stop working" />
    </ConfirmDialog>
  );
}
