/** Sign in with email and password, and with a second factor where the account has one. */
import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, value } from "../api/client.ts";
import { sentence } from "../api/problem.ts";
import { useTitle } from "../ui/use-title.ts";
import { Gate } from "./Gate.tsx";
import { meQuery } from "./me.ts";
import { safeNext } from "./next.ts";

export default function LoginPage() {
  useTitle("Sign in");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const queryClient = useQueryClient();

  const enter = async () => {
    await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    await navigate({ href: safeNext(next) });
  };

  const login = useMutation({
    mutationFn: () => value(api.POST("/api/auth/login", { body: { email, password } })),
    onSuccess: async () => {
      setPassword("");
      await enter();
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };

  return (
    <Gate title="Sign in to Flero">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Email"
            type="email"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            required
            withAsterisk={false}
            autoFocus
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
            withAsterisk={false}
          />
          {login.error && (
            <Alert color="red" role="alert">
              {sentence(login.error)}
            </Alert>
          )}
          <Button type="submit" size="md" loading={login.isPending} fullWidth>
            Sign in
          </Button>
        </Stack>
      </form>
    </Gate>
  );
}
