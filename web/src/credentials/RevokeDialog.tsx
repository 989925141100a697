/** Makes a credential unusable at once and destroys its secret. */
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { sentence } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { notify } from "../ui/notify.ts";
import { credentialActs, useCredentialAct } from "./queries.ts";
import { WorkflowsUsing } from "./WorkflowsUsing.tsx";

export function RevokeDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const revoke = useCredentialAct(credentialActs.revoke, () => {
    notify.done("Revoked", `The secret of ${credential.name} is destroyed.`);
    onClose();
  });
  return (
    <Modal opened onClose={onClose} title={`Revoke ${credential.name}?`}>
      <Stack gap="md">
        <Text size="sm">
          It cannot be used from this moment, and its secret is destroyed. Its name, its history and its place
          in workflows stay. This cannot be undone.
        </Text>
        <WorkflowsUsing credentialId={credential.id} verb="stop working" />
        {revoke.error && (
          <Alert color="red" role="alert">
            {sentence(revoke.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="subtle" color="gray" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={revoke.isPending} onClick={() => revoke.mutate(credential.id)}>
            Revoke
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
