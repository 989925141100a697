/** Takes new secret data. The service is asked first; nothing changes unless it accepts it or the person insists. */
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError, sentence } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { notify } from "../ui/notify.ts";
import { FieldInput } from "./FieldInput.tsx";
import { dataOf, fieldsOf, formOf } from "./form-state.ts";
import { HeadersInput } from "./HeadersInput.tsx";
import { credentialActs, useCredentialAct } from "./queries.ts";

export function RotateDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const [form, setForm] = useState(() => formOf(credential));
  const [isTried, setIsTried] = useState(false);
  const rotate = useCredentialAct(credentialActs.rotate, () => {
    notify.done("Rotated", `${credential.name} uses the new secret from now on. No workflow had to change.`);
    onClose();
  });
  const secrets = fieldsOf(credential.authType).filter((field) => field.secret);
  const data = dataOf(form);
  const lacks = secrets.filter((field) => !field.optional && !(field.name in data));
  const refused = rotate.error instanceof ApiError && rotate.error.problem.code === "credential_refused";
  const wrong = (name: string) =>
    (isTried && lacks.some((field) => field.name === name) ? "Type the new one." : undefined) ??
    (rotate.error instanceof ApiError ? rotate.error.field(`/data/${name}`) : undefined);
  const send = (force: boolean) => {
    setIsTried(true);
    if (lacks.length === 0) rotate.mutate({ id: credential.id, data, force });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(false);
  };
  return (
    <Modal opened onClose={onClose} title={`Rotate ${credential.name}`}>
      <form onSubmit={submit} autoComplete="off" noValidate>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            The new secret is tested first, then it takes over in one step. Workflows keep the same
            credential; runs in flight finish with what they hold.
          </Text>
          {secrets.map((field) =>
            field.kind === "headers" ? (
              <HeadersInput
                key={field.name}
                rows={form.headers}
                isSet={false}
                error={wrong(field.name)}
                onChange={(headers) => setForm({ ...form, headers })}
              />
            ) : (
              <FieldInput
                key={field.name}
                field={field}
                value={form.values[field.name] ?? ""}
                error={wrong(field.name)}
                onChange={(value) => setForm({ ...form, values: { ...form.values, [field.name]: value } })}
              />
            ),
          )}
          {rotate.error && (
            <Alert
              color="red"
              role="alert"
              title={refused ? "The service refused the new secret. Nothing has changed." : undefined}
            >
              {sentence(rotate.error)}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="subtle" color="gray" onClick={onClose}>
              Cancel
            </Button>
            {refused && (
              <Button variant="light" color="red" loading={rotate.isPending} onClick={() => send(true)}>
                Use it all the same
              </Button>
            )}
            <Button type="submit" loading={rotate.isPending}>
              Test and rotate
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
