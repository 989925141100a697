/** Deletes a credential. Where active workflows use it, its name has to be typed. */
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { sentence } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { notify } from "../ui/notify.ts";
import { credentialActs, credentialUsageQuery, useCredentialAct } from "./queries.ts";
import { WorkflowsUsing } from "./WorkflowsUsing.tsx";

export function DeleteDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const usage = useQuery(credentialUsageQuery(credential.id));
  const isActive = usage.data?.items.some((workflow) => workflow.active) ?? false;
  const remove = useCredentialAct(credentialActs.remove, () => {
    notify.done("Deleted", `${credential.name} and its secret are gone.`);
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate({ id: credential.id, ...(isActive ? { confirm: typed } : {}) });
  };
  return (
    <Modal opened onClose={onClose} title={`Delete ${credential.name}?`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            The credential and its secret are removed for good. The audit log keeps what was done with it.
          </Text>
          <WorkflowsUsing credentialId={credential.id} verb="stop working" />
          {isActive && (
            <TextInput
              label={`Type “${credential.name}” to confirm`}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
            />
          )}
          {remove.error && (
            <Alert color="red" role="alert">
              {sentence(remove.error)}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="subtle" color="gray" onClick={onClose} data-autofocus>
              Cancel
            </Button>
            <Button
              type="submit"
              color="red"
              loading={remove.isPending}
              disabled={usage.isPending || (isActive && typed !== credential.name)}
            >
              Delete
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
