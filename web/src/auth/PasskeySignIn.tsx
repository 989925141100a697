/** Signs in by a passkey alone: no address, no password. The passkey checks the person, so it is two factors in one. */
import { Alert, Anchor, Button, Divider, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import { atLocalhost, passkeyPlace, proveByPasskey } from "./passkey.ts";

/** The server does not tell what was wrong with a passkey; the words say what to do. */
const words = (error: Error): string =>
  error instanceof ApiError && error.problem.code === "invalid_factor"
    ? "Flero does not know that passkey, or the question was too old. Try again, or sign in with your password."
    : sentence(error);

interface Props {
  /** Whether no other way stands between this one and the password. */
  isFirst: boolean;
  onSignedIn: () => Promise<void>;
}

export function PasskeySignIn({ isFirst, onSignedIn }: Props) {
  const place = passkeyPlace(window.location.hostname);
  const signIn = useMutation({
    mutationFn: async () => {
      const asked = await value(api.POST("/api/auth/passkey/start"));
      const credential = await proveByPasskey(asked.options);
      await value(api.POST("/api/auth/passkey", { body: { challenge: asked.challenge, credential } }));
      await onSignedIn();
    },
    gcTime: 0,
  });
  if (place === "no") return null;
  return (
    <Stack gap="md" mt={isFirst ? "md" : "xs"}>
      {isFirst && <Divider label="or" />}
      {place === "localhost" ? (
        <Text size="sm" c="dimmed" ta="center">
          Passkeys belong to a name, not to an address.{" "}
          <Anchor href={atLocalhost()} inherit underline="always">
            Open localhost
          </Anchor>{" "}
          to use one.
        </Text>
      ) : (
        <Button
          variant="default"
          size="md"
          leftSection={<KeyRound size={16} aria-hidden />}
          loading={signIn.isPending}
          onClick={() => signIn.mutate()}
          fullWidth
        >
          Sign in with a passkey
        </Button>
      )}
      {signIn.error && (
        <Alert color="red" role="alert">
          {words(signIn.error)}
        </Alert>
      )}
    </Stack>
  );
}
