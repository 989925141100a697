/** Asks for a second factor: a code or a passkey, with the ways to the other factors. */
import { Alert, Anchor, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { ApiError, sentence } from "../api/problem.ts";
import { FACTORS, type Factor, type FactorProof, usable } from "./factors.ts";
import { proveByPasskey } from "./passkey.ts";

interface Props {
  /** The names of the factors that the person has. */
  factors: readonly string[];
  /** What the button that sends a code says. */
  label: string;
  /** Gets a challenge for a passkey. */
  challenge: () => Promise<{ challenge: string; options: object }>;
  /** Sends the proof, and goes on when it was right. */
  prove: (proof: FactorProof) => Promise<unknown>;
  /** The way out. */
  cancelLabel: string;
  onCancel: () => void;
}

/** Whether it is the factor that was not right. The server does not tell why. */
const isRefused = (error: Error): boolean =>
  error instanceof ApiError && error.problem.code === "invalid_factor";

export function FactorForm({ factors, label, challenge, prove, cancelLabel, onCancel }: Props) {
  const ways = usable(factors);
  const [chosen, setChosen] = useState<Factor>();
  const [code, setCode] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const factor = chosen ?? ways[0];
  const sent = useMutation({
    mutationFn: async (by: Factor) => {
      if (by !== "passkey") return prove({ factor: by, code });
      const asked = await challenge();
      const credential = await proveByPasskey(asked.options);
      return prove({ factor: by, challenge: asked.challenge, credential });
    },
    gcTime: 0,
    onSuccess: () => setCode(""),
    onError: () => {
      setCode("");
      input.current?.focus();
    },
  });
  if (!factor) return <Alert color="red">This browser cannot use a passkey. Sign in with another one.</Alert>;

  const choose = (way: Factor) => {
    setChosen(way);
    setCode("");
    sent.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sent.mutate(factor);
  };
  const isDigits = factor === "totp";
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">{FACTORS[factor].lead}</Text>
        {factor !== "passkey" && (
          <TextInput
            key={factor}
            ref={input}
            label={FACTORS[factor].field}
            name="code"
            autoComplete={isDigits ? "one-time-code" : "off"}
            inputMode={isDigits ? "numeric" : "text"}
            autoCapitalize="none"
            spellCheck={false}
            maxLength={isDigits ? 12 : 64}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            required
            withAsterisk={false}
            autoFocus
            data-autofocus
          />
        )}
        {sent.error && (
          <Alert color="red" role="alert">
            {isRefused(sent.error) ? FACTORS[factor].refused : sentence(sent.error)}
          </Alert>
        )}
        <Button type="submit" size="md" loading={sent.isPending} fullWidth>
          {factor === "passkey" ? "Use the passkey" : label}
        </Button>
        <Group justify="space-between" gap="xs">
          <Stack gap={4} align="start">
            {ways
              .filter((way) => way !== factor)
              .map((way) => (
                <Anchor key={way} component="button" type="button" size="sm" onClick={() => choose(way)}>
                  {FACTORS[way].other}
                </Anchor>
              ))}
          </Stack>
          <Button variant="subtle" color="gray" size="compact-sm" onClick={onCancel}>
            {cancelLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
