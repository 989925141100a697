/**
 * Some acts want a fresh proof of who is there. A call that is answered with `step_up_required` opens a dialog for
 * the password, or for the second factor of whoever has one, and is repeated once the proof was right. Whoever signs in
 * by a provider alone signs in there anew instead.
 */
import { Alert, Center, Loader, Modal, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import {
  createContext,
  type FormEvent,
  lazy,
  type ReactNode,
  Suspense,
  use,
  useCallback,
  useRef,
  useState,
} from "react";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import { mfaQuery } from "../security/mfa.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { FactorForm } from "./FactorForm.tsx";

// Read on demand: the acts at providers ask for a proof themselves, so that the two would import each other.
const AgainAtProvider = lazy(() => import("../identity/AgainAtProvider.tsx"));

type Guard = <T>(call: () => Promise<T>) => Promise<T>;

const Context = createContext<Guard>((call) => call());

/** Gives what wraps a call so that it asks for a proof where the server wants it. */
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
  const mfa = useQuery({ ...mfaQuery, staleTime: 0 });
  const factors = mfa.data?.factors ?? [];
  return (
    <Modal opened onClose={() => onClose(false)} title="Is it you?" size="sm" zIndex={300}>
      <Stack gap="md">
        <Text size="sm">
          This needs a fresh proof that it is you, in case somebody else found this screen open.
        </Text>
        {mfa.isPending ? (
          <Center mih={120} role="status" aria-label="Loading">
            <Loader />
          </Center>
        ) : mfa.error ? (
          <Alert color="red" role="alert">
            {sentence(mfa.error)}
          </Alert>
        ) : factors.length > 0 ? (
          <FactorForm
            factors={factors}
            label="Continue"
            challenge={() => value(api.POST("/api/auth/step-up/passkey"))}
            prove={async (proof) => {
              await value(api.POST("/api/auth/step-up", { body: proof }));
              onClose(true);
            }}
            cancelLabel="Cancel"
            onCancel={() => onClose(false)}
          />
        ) : (
          <>
            <PasswordProof onClose={onClose} />
            <Suspense>
              <AgainAtProvider />
            </Suspense>
          </>
        )}
      </Stack>
    </Modal>
  );
}

function PasswordProof({ onClose }: { onClose: (isProven: boolean) => void }) {
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
    <form onSubmit={submit}>
      <Stack gap="md">
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          required
          withAsterisk={false}
          autoFocus
        />
        <FormFoot
          label="Continue"
          error={prove.error}
          isPending={prove.isPending}
          onCancel={() => onClose(false)}
        />
      </Stack>
    </form>
  );
}
