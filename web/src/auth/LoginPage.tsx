/** Sign in with email and password, and with a second factor where the account has one. */
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import { ProviderButtons } from "../identity/ProviderButtons.tsx";
import { signInProvidersQuery } from "../identity/queries.ts";
import { factorsOf, refusalWords } from "../identity/words.ts";
import { LinkAnchor } from "../ui/links.tsx";
import { useTitle } from "../ui/use-title.ts";
import { FactorForm } from "./FactorForm.tsx";
import type { FactorProof } from "./factors.ts";
import { Gate } from "./Gate.tsx";
import { meQuery } from "./me.ts";
import { safeNext } from "./next.ts";
import { PasskeySignIn } from "./PasskeySignIn.tsx";

/** Whether what waits for the second factor is over, rather than the factor wrong. */
const isGone = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 401 && error.problem.code !== "invalid_factor";

export default function LoginPage() {
  useTitle("Sign in");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { next, factors, error: refusal } = useSearch({ from: "/login" });
  // Whoever comes back from a provider may have a second factor to show.
  const [awaited, setAwaited] = useState<string[] | undefined>(() => factorsOf(factors));
  const [isOver, setIsOver] = useState(false);
  const { data: providers } = useQuery(signInProvidersQuery);
  const navigate = useNavigate();
  const queryClient = useQueryClient();

  const enter = async () => {
    await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    await navigate({ href: safeNext(next) });
  };

  const login = useMutation({
    mutationFn: () => value(api.POST("/api/auth/login", { body: { email, password } })),
    gcTime: 0,
    onSuccess: async (answer) => {
      setPassword("");
      if ("factors" in answer) setAwaited(answer.factors);
      else await enter();
    },
  });

  const prove = async (proof: FactorProof) => {
    try {
      await value(api.POST("/api/auth/mfa", { body: proof }));
    } catch (error) {
      // The session that waits for the factor lasts five minutes; then the password is asked for again.
      if (isGone(error)) {
        setAwaited(undefined);
        setIsOver(true);
      }
      throw error;
    }
    await enter();
  };

  const back = () => {
    setAwaited(undefined);
    login.reset();
    // Nobody is signed in yet; what waits is not left to whoever comes next.
    void api.POST("/api/auth/logout");
  };

  if (awaited) {
    return (
      <Gate title="One more step" lead="Your password is right. Now your second factor.">
        <FactorForm
          factors={awaited}
          label="Sign in"
          challenge={() => value(api.POST("/api/auth/mfa/passkey"))}
          prove={prove}
          cancelLabel="Back"
          onCancel={back}
        />
      </Gate>
    );
  }

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsOver(false);
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
          {isOver && (
            <Alert color="yellow" role="alert">
              The second step took longer than five minutes. Sign in once more.
            </Alert>
          )}
          {refusal && !login.error && (
            <Alert color="yellow" role="alert">
              {refusalWords(refusal)}
            </Alert>
          )}
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
      <ProviderButtons next={safeNext(next)} email={email} />
      <PasskeySignIn isFirst={!providers?.items.length} onSignedIn={enter} />
      <Text size="sm" c="dimmed" mt="lg" ta="center">
        No account yet?{" "}
        <LinkAnchor to="/register" size="sm" underline="always">
          How to get one
        </LinkAnchor>
      </Text>
    </Gate>
  );
}
