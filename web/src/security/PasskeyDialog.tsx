/** Adds a passkey: a name for it, then the browser's own window. */
import { Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, value } from "../api/client.ts";
import { makePasskey } from "../auth/passkey.ts";
import { useStepUp } from "../auth/step-up.tsx";
import { FormFoot } from "../ui/FormFoot.tsx";
import { browserName } from "./queries.ts";

interface Props {
  onAdded: (codes: string[] | undefined) => void;
  onClose: () => void;
}

export function PasskeyDialog({ onAdded, onClose }: Props) {
  const [name, setName] = useState(() => browserName(navigator.userAgent));
  const guard = useStepUp();
  const add = useMutation({
    mutationFn: async () => {
      const asked = await guard(() => value(api.POST("/api/me/passkeys/start")));
      const credential = await makePasskey(asked.options);
      const body = { name, challenge: asked.challenge, credential };
      const added = await value(api.POST("/api/me/passkeys", { body }));
      onAdded(added.recoveryCodes ?? undefined);
    },
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Add a passkey">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            Your browser then asks where to keep it: on this device, on a phone, or on a security key.
          </Text>
          <TextInput
            label="Name"
            description="So that you recognize it in the list."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={80}
            required
            withAsterisk={false}
            data-autofocus
          />
          <FormFoot label="Continue" error={add.error} isPending={add.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
