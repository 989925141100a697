/** The form that makes an account: the first owner's, or the one of somebody who is invited. */
import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import { meQuery } from "./me.ts";

const PASSWORD_CHARACTERS = 15;

interface Props {
  /** What allows it: the token of the set-up link or of an invitation. */
  proof: { setupToken: string } | { inviteToken: string };
  /** The address, where it is settled already. */
  email?: string;
  label: string;
}

export function AccountForm({ proof, email, label }: Props) {
  const isSetup = "setupToken" in proof;
  const [form, setForm] = useState({ name: "", email: email ?? "", password: "", workspace: "" });
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const field = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const text = event.currentTarget.value;
      setForm((before) => ({ ...before, [name]: text }));
    },
    required: true,
    withAsterisk: false,
    error: wrong(`/${name}`),
  });
  const register = useMutation({
    mutationFn: () => {
      const { workspace, ...account } = form;
      return value(
        api.POST("/api/auth/register", { body: { ...account, ...proof, ...(isSetup ? { workspace } : {}) } }),
      );
    },
    gcTime: 0,
    onSuccess: async () => {
      setForm((before) => ({ ...before, password: "" }));
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      // The link that led here opens nothing any more, so that nobody should come back to it.
      await navigate({ to: "/", replace: true });
    },
  });
  const problem = register.error instanceof ApiError ? register.error : undefined;
  function wrong(pointer: string) {
    return problem?.field(pointer);
  }
  const isSaidAtField = ["/name", "/email", "/password", "/workspace"].some((pointer) => wrong(pointer));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput label="Your name" autoComplete="name" maxLength={120} {...field("name")} autoFocus />
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          readOnly={email !== undefined}
          description={email === undefined ? undefined : "The invitation is for this address."}
          {...field("email")}
        />
        <PasswordInput
          label="Password"
          description={`At least ${PASSWORD_CHARACTERS} characters; a few words are easy to remember.`}
          autoComplete="new-password"
          minLength={PASSWORD_CHARACTERS}
          {...field("password")}
        />
        {isSetup && (
          <TextInput
            label="Name of the first workspace"
            placeholder="Acme"
            maxLength={120}
            {...field("workspace")}
          />
        )}
        {register.error && !isSaidAtField && (
          <Alert color="red" role="alert">
            {sentence(register.error)}
          </Alert>
        )}
        <Button type="submit" size="md" loading={register.isPending} fullWidth>
          {label}
        </Button>
      </Stack>
    </form>
  );
}
