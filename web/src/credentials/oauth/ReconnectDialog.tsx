/** Gives a credential a new grant. It keeps its ID, so no workflow changes; another account has to be confirmed. */
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import { ApiError, sentence } from "../../api/problem.ts";
import type { Credential } from "../../api/types.ts";
import { notify } from "../../ui/notify.ts";
import { useCredentialAct } from "../queries.ts";
import { ServiceGate } from "../service/ServiceGate.tsx";
import { serviceLabel } from "../service/use-service.ts";
import { saveAttempt } from "./attempt.ts";
import { ConnectionView } from "./ConnectionView.tsx";
import { useConnect } from "./use-connect.ts";

export function ReconnectDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const connect = useConnect();
  const { connection } = connect;
  const save = useCredentialAct(saveAttempt, () => {
    notify.done("Reconnected", `${credential.name} works again. No workflow had to change.`);
    onClose();
  });
  const isConnected = connection.state === "connected";
  const attemptId = isConnected ? connection.started.attemptId : undefined;
  const { mutate } = save;
  // The same account is what was asked for, so nothing more has to be said; another one is refused by the server.
  useEffect(() => {
    if (attemptId) mutate({ attemptId });
  }, [attemptId, mutate]);
  const isOther = save.error instanceof ApiError && save.error.problem.code === "account_changed";
  const account = isConnected ? (connection.attempt.account ?? "another account") : "";
  return (
    <Modal opened onClose={onClose} title={`Reconnect ${credential.name}`} closeOnClickOutside={false}>
      <Stack gap="md">
        {connection.state === "idle" && (
          <Text size="sm">
            Allow the access once more at {serviceLabel(credential.service)}
            {credential.account ? (
              <>
                , as <strong>{credential.account}</strong>
              </>
            ) : null}
            . The credential keeps its ID, so every workflow that uses it works again.
          </Text>
        )}
        <ServiceGate id={credential.service}>
          {(service) => <ConnectionView connect={connect} serviceName={service.name} />}
        </ServiceGate>
        {isOther ? (
          <Alert color="orange" role="alert" title="That is another account">
            You signed in as <strong>{account}</strong>
            {credential.account && (
              <>
                ; until now this credential belonged to <strong>{credential.account}</strong>
              </>
            )}
            . Workflows that use it would act for {account} from now on.
          </Alert>
        ) : (
          save.error && (
            <Alert color="red" role="alert">
              {sentence(save.error)}
            </Alert>
          )
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          {isOther && attemptId ? (
            <>
              <Button
                variant="default"
                onClick={() => {
                  save.reset();
                  connect.start({ credentialId: credential.id }, false);
                }}
              >
                Sign in again
              </Button>
              <Button loading={save.isPending} onClick={() => mutate({ attemptId, otherAccount: true })}>
                Use {account}
              </Button>
            </>
          ) : (
            <Button
              loading={connection.state === "starting" || save.isPending}
              disabled={connection.state === "waiting"}
              onClick={() => {
                save.reset();
                connect.start({ credentialId: credential.id }, false);
              }}
              data-autofocus
            >
              {connection.state === "failed" ? "Try again" : "Connect"}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
