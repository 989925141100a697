/** The OpenID providers of the sign-in page, each a button. */
import { Alert, Button, Divider, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { sentence } from "../api/problem.ts";
import { signInProvidersQuery, startSignIn } from "./queries.ts";

interface Props {
  /** Where to go on after it. */
  next: string;
  /** The address that was typed in already. */
  email: string;
}

export function ProviderButtons({ next, email }: Props) {
  const { data } = useQuery(signInProvidersQuery);
  const start = useMutation({
    mutationFn: (providerId: string) =>
      startSignIn({ providerId, returnTo: next, ...(email ? { loginHint: email } : {}) }),
    gcTime: 0,
  });
  if (!data || data.items.length === 0) return null;
  return (
    <Stack gap="xs" mt="md">
      <Divider label="or" />
      {data.items.map(({ id, name }) => (
        <Button
          key={id}
          variant="default"
          size="md"
          leftSection={<LogIn size={16} aria-hidden />}
          // Until the provider's page is there, the button says that it was pressed.
          loading={start.variables === id && (start.isPending || start.isSuccess)}
          onClick={() => start.mutate(id)}
          fullWidth
        >
          Continue with {name}
        </Button>
      ))}
      {start.error && (
        <Alert color="red" role="alert">
          {sentence(start.error)}
        </Alert>
      )}
    </Stack>
  );
}
