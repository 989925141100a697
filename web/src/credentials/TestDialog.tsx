/** Asks the service whether a stored credential works. */
import { Alert, Button, Center, Group, Loader, Modal, Stack } from "@mantine/core";
import { useEffect } from "react";
import { sentence } from "../api/problem.ts";
import type { Credential, Verdict } from "../api/types.ts";
import { type CredentialDialog, credentialActs, useCredentialAct } from "./queries.ts";
import { VerdictView } from "./VerdictView.tsx";
import { isConnectedByPerson } from "./ways.ts";

/** Whether connecting the account anew is what helps. */
const needsReconnect = (credential: Credential, { verdict, missingScopes }: Verdict): boolean =>
  isConnectedByPerson(credential) && (verdict === "refused" || missingScopes.length > 0);

interface Props {
  credential: Credential;
  onClose: () => void;
  onOpen: (dialog: CredentialDialog) => void;
}

export function TestDialog({ credential, onClose, onOpen }: Props) {
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
          {data && needsReconnect(credential, data) && (
            <Button variant="light" onClick={() => onOpen({ kind: "reconnect", credential })}>
              Reconnect
            </Button>
          )}
          {data?.verdict === "refused" && !isConnectedByPerson(credential) && (
            <Button variant="light" onClick={() => onOpen({ kind: "rotate", credential })}>
              Give it a new secret
            </Button>
          )}
          <Button variant="default" loading={isPending} onClick={() => mutate(credential.id)}>
            Test again
          </Button>
          <Button onClick={onClose}>Close</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
