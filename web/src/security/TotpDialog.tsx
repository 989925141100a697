/** Sets up an authenticator app: the secret as a QR code and to type, its first code, then the recovery codes. */
import { Anchor, Center, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import { ApiError } from "../api/problem.ts";
import { useStepUp } from "../auth/step-up.tsx";
import { FormFoot } from "../ui/FormFoot.tsx";
import { QrCode } from "../ui/QrCode.tsx";
import { Secret } from "../ui/Secret.tsx";

interface Props {
  fresh: components["schemas"]["NewTotpBody"];
  /** The app works. With the first factor come recovery codes. */
  onAdded: (codes: string[] | undefined) => void;
  onClose: () => void;
}

export function TotpDialog({ fresh, onAdded, onClose }: Props) {
  const [code, setCode] = useState("");
  const guard = useStepUp();
  const confirm = useMutation({
    // The codes go to their dialog alone and are not kept as the mutation's result.
    mutationFn: async () => {
      const added = await guard(() => value(api.POST("/api/me/totp/confirm", { body: { code } })));
      onAdded(added.recoveryCodes ?? undefined);
    },
    gcTime: 0,
    onError: () => setCode(""),
  });
  // A wrong code is said at its field, anything else below.
  const wrong = confirm.error instanceof ApiError ? confirm.error.field("/code") : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Set up an authenticator app" closeOnClickOutside={false}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">1. Scan this with your authenticator app.</Text>
          <Center>
            <QrCode text={fresh.otpauthUri} label="QR code for the authenticator app" />
          </Center>
          <Text size="sm">
            No camera? Type this key into the app, or{" "}
            <Anchor underline="always" href={fresh.otpauthUri}>
              open it on this device
            </Anchor>
            .
          </Text>
          <Secret label="Key for the authenticator app" value={fresh.secret} />
          <TextInput
            label="2. Type the six digits that the app shows"
            autoComplete="one-time-code"
            inputMode="numeric"
            maxLength={12}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={wrong}
            required
            withAsterisk={false}
            data-autofocus
          />
          <FormFoot
            label="Confirm"
            error={wrong ? null : confirm.error}
            isPending={confirm.isPending}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
