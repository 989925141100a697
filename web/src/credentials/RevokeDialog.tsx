/** Makes a credential unusable at once and destroys its secret. */
import { Text } from "@mantine/core";
import type { Credential } from "../api/types.ts";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { notify } from "../ui/notify.ts";
import { credentialActs, useCredentialAct } from "./queries.ts";
import { WorkflowsUsing } from "./WorkflowsUsing.tsx";

export function RevokeDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const revoke = useCredentialAct(credentialActs.revoke, () => {
    notify.done("Revoked", `The secret of ${credential.name} is destroyed.`);
    onClose();
  });
  return (
    <ConfirmDialog
      title={`Revoke ${credential.name}?`}
      label="Revoke"
      error={revoke.error}
      isPending={revoke.isPending}
      onConfirm={() => revoke.mutate(credential.id)}
      onClose={onClose}
    >
      <Text size="sm">
        It cannot be used from this moment, and its secret is destroyed. Its name, its history and its place
        in workflows stay. This cannot be undone.
      </Text>
      <WorkflowsUsing credentialId={credential.id} verb="stop working" />
    </ConfirmDialog>
  );
}
