/** Asks for an invitation with one's own address, where an organization takes people of its domain. */
import { Alert, Button, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, value } from "../api/client.ts";
import { sentence } from "../api/problem.ts";
import { Notice } from "../ui/Notice.tsx";

export function SignUp() {
  const [email, setEmail] = useState("");
  const ask = useMutation({
    mutationFn: () => value(api.POST("/api/auth/sign-up", { body: { email } })),
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  if (ask.isSuccess) {
    return (
      <Notice tone="good" title="Look into your mail">
        An invitation is on its way to <strong>{email}</strong>. Its link opens for seven days, once.
      </Notice>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Work email"
          description="If your organization lets people of its domain join, an invitation comes by mail."
          type="email"
          autoComplete="email"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          required
          withAsterisk={false}
        />
        {ask.error && (
          <Alert color="red" role="alert">
            {sentence(ask.error)}
          </Alert>
        )}
        <Button type="submit" size="md" loading={ask.isPending} fullWidth>
          Send me an invitation
        </Button>
        <Text size="sm" c="dimmed">
          Otherwise ask an admin of the workspace for an invitation and open its link. To set this server up,
          open the link that <code>flero serve</code> prints.
        </Text>
      </Stack>
    </form>
  );
}
