/**
 * Some acts want a fresh proof of who is there. A call that is answered with `step_up_required` opens a dialog for
 * the password, and is repeated once it was right.
 */
import { Modal, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { createContext, type FormEvent, type ReactNode, use, useCallback, useRef, useState } from "react";
import { api, value } from "../api/client.ts";
import { ApiError } from "../api/problem.ts";
import { FormFoot } from "../ui/FormFoot.tsx";

type Guard = <T>(call: () => Promise<T>) => Promise<T>;

const Context = createContext<Guard>((call) => call());

/** Gives what wraps a call so that it asks for the password where the server wants it. */
export const useStepUp = (): Guard => use(Context);

/** Whether the server wants a fresh proof. */
export const wantsStepUp = (error: unknown): boolean =>
  error instanceof ApiError && error.problem.code === "step_up_required";

interface Waiting {
  done: () => void;
  refused: () => void;
}

export function StepUpProvider({ children }: { children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  const waiting = useRef<Waiting>(undefined);
  const guard = useCallback<Guard>(async (call) => {
    try {
      return await call();
    } catch (error) {
      if (!wantsStepUp(error)) throw error;
      await new Promise<void>((resolve, reject) => {
        waiting.current = { done: resolve, refused: () => reject(error) };
        setIsOpen(true);
      });
      return call();
    }
  }, []);
  const close = (isProven: boolean) => {
    setIsOpen(false);
    if (isProven) waiting.current?.done();
    else waiting.current?.refused();
    waiting.current = undefined;
  };
  return (
    <Context value={guard}>
      {children}
      {isOpen && <Proof onClose={close} />}
    </Context>
  );
}

function Proof({ onClose }: { onClose: (isProven: boolean) => void }) {
  const [password, setPassword] = useState("");
  const prove = useMutation({
    mutationFn: () => value(api.POST("/api/auth/step-up", { body: { password } })),
    gcTime: 0,
    onSuccess: () => onClose(true),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    prove.mutate();
  };
  return (
    <Modal opened onClose={() => onClose(false)} title="Is it you?" size="sm" zIndex={300}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">This changes who can do what. Type your password once more.</Text>
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
            withAsterisk={false}
            data-autofocus
          />
          <FormFoot
            label="Continue"
            error={prove.error}
            isPending={prove.isPending}
            onCancel={() => onClose(false)}
          />
        </Stack>
      </form>
    </Modal>
  );
}
