/** Puts the secret back that the last rotation replaced, while it is kept. */
import { Text } from "@mantine/core";
import type { Credential } from "../api/types.ts";
import { formatDateTime } from "../lib/format.ts";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { notify } from "../ui/notify.ts";
import { credentialActs, useCredentialAct } from "./queries.ts";
import { WorkflowsUsing } from "./WorkflowsUsing.tsx";

export function RollBackDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const putBack = useCredentialAct(credentialActs.rollBack, () => {
    notify.done("Put back", `${credential.name} uses its former secret again. No workflow had to change.`);
    onClose();
  });
  const { formerKeptUntil } = credential;
  return (
    <ConfirmDialog
      title={`Put the former secret of ${credential.name} back?`}
      label="Put it back"
      error={putBack.error}
      isPending={putBack.isPending}
      onConfirm={() => putBack.mutate(credential.id)}
      onClose={onClose}
    >
      <Text size="sm">
        The secret that the last rotation replaced is used again from the next call on, and the present one is
        destroyed. {formerKeptUntil && `That is possible until ${formatDateTime(formerKeptUntil)}.`}
      </Text>
      <WorkflowsUsing credentialId={credential.id} verb="use it again" />
    </ConfirmDialog>
  );
}
