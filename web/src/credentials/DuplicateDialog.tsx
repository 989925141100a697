/** Copies a credential to a new ID with the same or a narrower scope. */
import { Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { notify } from "../ui/notify.ts";
import { ChoiceCards } from "./ChoiceCards.tsx";
import { credentialActs, useCredentialAct } from "./queries.ts";
import { SCOPES } from "./words.ts";

export function DuplicateDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const [name, setName] = useState(`${credential.name} (copy)`);
  const [scope, setScope] = useState(credential.scope);
  const widest = SCOPES.findIndex((entry) => entry.value === credential.scope);
  const duplicate = useCredentialAct(credentialActs.duplicate, (made) => {
    notify.done("Duplicated", `${made.name} has its own ID and its own copy of the secret.`);
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    duplicate.mutate({ id: credential.id, name: name.trim(), scope });
  };
  return (
    <Modal opened onClose={onClose} title={`Duplicate ${credential.name}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name of the copy"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={duplicate.error instanceof ApiError ? duplicate.error.field("/name") : undefined}
            data-autofocus
          />
          <ChoiceCards
            label="Who can use the copy"
            columns={1}
            value={scope}
            options={SCOPES.slice(0, widest + 1)}
            onChange={setScope}
          />
          <FormFoot
            label="Duplicate"
            error={duplicate.error}
            isPending={duplicate.isPending}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
