/** The way in with an API key, which stays in this tab's memory. */
import { Alert, Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { rememberKey } from "../api/client.ts";
import { sentence } from "../api/problem.ts";
import { useTitle } from "../ui/use-title.ts";
import { Gate } from "./Gate.tsx";
import { meQuery } from "./me.ts";

/** What an API key looks like: its checksum is the server's to check. */
const KEY_SHAPE = /^flero_[0-9A-Za-z]{36}$/;

export default function LoginPage() {
  useTitle("Sign in");
  const [key, setKey] = useState("");
  const [error, setError] = useState<string>();
  const { next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const queryClient = useQueryClient();

  const enter = async (event: FormEvent) => {
    event.preventDefault();
    const candidate = key.trim();
    if (!KEY_SHAPE.test(candidate)) {
      setError("This is not one of Flero's API keys: they start with flero_ and have 42 characters.");
      return;
    }
    rememberKey(candidate);
    try {
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      setKey("");
      await navigate({ href: next?.startsWith("/") && !next.startsWith("//") ? next : "/" });
    } catch (failure) {
      rememberKey(undefined);
      setError(sentence(failure));
    }
  };

  return (
    <Gate title="Sign in to Flero">
      <form onSubmit={enter} autoComplete="off">
        <Stack gap="md">
          <PasswordInput
            label="API key"
            description="It stays in this tab's memory and is gone when you close it."
            placeholder="flero_…"
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            required
            data-autofocus
          />
          {error && (
            <Alert color="red" role="alert">
              {error}
            </Alert>
          )}
          <Button type="submit" size="md">
            Continue
          </Button>
          <Text size="sm" c="dimmed">
            No key yet? <code>flero bootstrap --help</code> tells how to make the first one.
          </Text>
        </Stack>
      </form>
    </Gate>
  );
}
