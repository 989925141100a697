/** A fresh proof by signing in anew at a linked provider: the only one that somebody without a password has. */
import { Alert, Button, Divider, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { sentence } from "../api/problem.ts";
import { identitiesQuery, startSignIn } from "./queries.ts";

/** Where the browser comes back to: the screen that asked, without what only this page knows. */
const here = () => window.location.pathname + window.location.search;

export default function AgainAtProvider() {
  const { data } = useQuery(identitiesQuery);
  const start = useMutation({
    mutationFn: (providerId: string) => startSignIn({ providerId, returnTo: here(), reauthenticate: true }),
    gcTime: 0,
  });
  if (!data || data.items.length === 0) return null;
  return (
    <Stack gap="xs">
      <Divider label="or" />
      {data.items.map(({ id, providerId, providerName }) => (
        <Button
          key={id}
          variant="default"
          leftSection={<LogIn size={16} aria-hidden />}
          loading={start.variables === providerId && (start.isPending || start.isSuccess)}
          onClick={() => start.mutate(providerId)}
          fullWidth
        >
          Sign in again with {providerName}
        </Button>
      ))}
      <Text size="xs" c="dimmed">
        You come back to this screen; then repeat what you were about to do.
      </Text>
      {start.error && (
        <Alert color="red" role="alert">
          {sentence(start.error)}
        </Alert>
      )}
    </Stack>
  );
}
