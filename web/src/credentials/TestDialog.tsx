/** Asks the service whether a stored credential works. */
import { Alert, Button, Center, Group, Loader, Modal, Stack } from "@mantine/core";
import { useEffect } from "react";
import { sentence } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { credentialActs, useCredentialAct } from "./queries.ts";
import { VerdictView } from "./VerdictView.tsx";

export function TestDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const { mutate, data, error, isPending } = useCredentialAct(credentialActs.test);
  useEffect(() => mutate(credential.id), [mutate, credential.id]);
  return (
    <Modal opened onClose={onClose} title={`Test ${credential.name}`}>
      <Stack gap="md">
        {isPending || (!data && !error) ? (
          <Center mih={72} role="status" aria-label="Asking the service">
            <Loader />
          </Center>
        ) : (
          data && <VerdictView verdict={data} />
        )}
        {error && (
          <Alert color="red" role="alert">
            {sentence(error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" loading={isPending} onClick={() => mutate(credential.id)}>
            Test again
          </Button>
          <Button onClick={onClose}>Close</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
