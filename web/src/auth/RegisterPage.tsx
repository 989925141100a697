/** Make an account: the first owner with the set-up link, everybody else with an invitation. */
import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import { useTitle } from "../ui/use-title.ts";
import { Gate } from "./Gate.tsx";
import { meQuery } from "./me.ts";
import { setupToken } from "./setup-token.ts";

const PASSWORD_CHARACTERS = 15;

export default function RegisterPage() {
  const { token } = useParams({ strict: false });
  const [isSetup] = useState(() => setupToken() !== undefined);
  const title = isSetup ? "Set up Flero" : token ? "Accept the invitation" : "Create your account";
  useTitle(title);
  const [form, setForm] = useState({ name: "", email: "", password: "", workspace: "" });
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
  });

  const register = useMutation({
    mutationFn: () => {
      const { name, email, password, workspace } = form;
      const proof = isSetup ? { setupToken: setupToken(), workspace } : token ? { inviteToken: token } : {};
      return value(api.POST("/api/auth/register", { body: { name, email, password, ...proof } }));
    },
    onSuccess: async () => {
      setForm((before) => ({ ...before, password: "" }));
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      await navigate({ to: "/" });
    },
  });
  const wrong = (pointer: string) =>
    register.error instanceof ApiError ? register.error.field(pointer) : undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate();
  };

  return (
    <Gate title={title} lead={isSetup ? "You become the owner. Everything stays on this server." : undefined}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Your name"
            autoComplete="name"
            error={wrong("/name")}
            {...field("name")}
            autoFocus
          />
          <TextInput
            label="Email"
            type="email"
            autoComplete="username"
            error={wrong("/email")}
            {...field("email")}
          />
          <PasswordInput
            label="Password"
            description={`At least ${PASSWORD_CHARACTERS} characters; a few words are easy to remember.`}
            autoComplete="new-password"
            minLength={PASSWORD_CHARACTERS}
            error={wrong("/password")}
            {...field("password")}
          />
          {isSetup && (
            <TextInput
              label="Name of the first workspace"
              placeholder="Acme"
              error={wrong("/workspace")}
              {...field("workspace")}
            />
          )}
          {register.error && (
            <Alert color="red" role="alert">
              {sentence(register.error)}
            </Alert>
          )}
          <Button type="submit" size="md" loading={register.isPending} fullWidth>
            {isSetup ? "Create the owner" : "Create account"}
          </Button>
          {!isSetup && (
            <Text size="sm" c="dimmed">
              Already have an account?{" "}
              <Anchor component={Link} to="/login" inherit underline="always">
                Sign in
              </Anchor>
            </Text>
          )}
        </Stack>
      </form>
    </Gate>
  );
}
