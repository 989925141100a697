/** Settings -> Security: the second factors that one has, and the ways to add and remove them. */
import { Alert, Button, Modal, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import { sentence } from "../api/problem.ts";
import { useMe } from "../auth/me.ts";
import { useStepUp } from "../auth/step-up.tsx";
import { count } from "../lib/format.ts";
import { Ago } from "../ui/Ago.tsx";
import { notify } from "../ui/notify.ts";
import { ConfirmFactor, type Question } from "./ConfirmFactor.tsx";
import { FactorRow } from "./FactorRow.tsx";
import { mfaQuery, refreshFactors } from "./mfa.ts";
import { PasskeyDialog } from "./PasskeyDialog.tsx";
import { Passkeys } from "./Passkeys.tsx";
import { RecoveryCodes } from "./RecoveryCodes.tsx";
import { TotpDialog } from "./TotpDialog.tsx";

type Open =
  | { kind: "totp"; fresh: components["schemas"]["NewTotpBody"] }
  | { kind: "passkey" }
  | { kind: "codes"; codes: string[] }
  | { kind: "question"; question: Question };

export function SecondFactors() {
  const { data: mfa } = useSuspenseQuery(mfaQuery);
  const me = useMe();
  const [open, setOpen] = useState<Open>();
  const queryClient = useQueryClient();
  const guard = useStepUp();
  const hasFactor = mfa.factors.length > 0;
  const close = () => setOpen(undefined);

  const begin = useMutation({
    // The secret goes to its dialog alone and is not kept as the mutation's result.
    mutationFn: async () => {
      const fresh = await guard(() => value(api.POST("/api/me/totp")));
      setOpen({ kind: "totp", fresh });
    },
    gcTime: 0,
    onError: (error) => notify.failed("Not set up", sentence(error)),
  });

  const added = (what: string) => (codes: string[] | undefined) => {
    setOpen(codes && { kind: "codes", codes });
    notify.done(what, "Your other sessions were signed out.");
    void refreshFactors(queryClient);
  };

  const remove = (name: string, call: () => Promise<unknown>) =>
    setOpen({
      kind: "question",
      question: {
        title: `Remove ${name}?`,
        text: "It no longer proves who you are. Your other sessions are signed out.",
        label: "Remove",
        act: async () => {
          await call();
          notify.done("Removed", "It opens nothing any more.");
          await refreshFactors(queryClient);
        },
      },
    });

  const askForCodes = () =>
    setOpen({
      kind: "question",
      question: {
        title: "Make new recovery codes?",
        text: "You get ten new ones. The former codes stop working.",
        label: "Make new codes",
        act: async () => {
          const { recoveryCodes } = await value(api.POST("/api/me/recovery-codes"));
          setOpen({ kind: "codes", codes: recoveryCodes });
          void refreshFactors(queryClient);
        },
      },
    });

  return (
    <section>
      <Title order={2}>Second factor</Title>
      <Text size="sm" c="dimmed" mb="sm">
        Asked for after your password, so that the password alone opens nothing.
      </Text>
      {me.mfaEnrolmentRequired && (
        <Alert color="yellow" role="status" mb="sm" title="Set up a second factor to go on">
          Your organization requires one of everybody. An authenticator app on your phone is enough.
        </Alert>
      )}
      <Stack gap={0}>
        <FactorRow
          title="Authenticator app"
          text={
            mfa.totpSince ? (
              <>
                Set up <Ago at={mfa.totpSince} />
              </>
            ) : (
              "Six digits that an app on your phone shows."
            )
          }
        >
          {mfa.totpSince && (
            <Button
              variant="subtle"
              color="red"
              size="xs"
              onClick={() => remove("the authenticator app", () => value(api.DELETE("/api/me/totp")))}
            >
              Remove
            </Button>
          )}
          <Button
            variant={hasFactor ? "default" : "filled"}
            size="xs"
            loading={begin.isPending}
            onClick={() => begin.mutate()}
          >
            {mfa.totpSince ? "Replace" : "Set up"}
          </Button>
        </FactorRow>
        <Passkeys passkeys={mfa.passkeys} onAdd={() => setOpen({ kind: "passkey" })} onRemove={remove} />
        {hasFactor && (
          <FactorRow
            title="Recovery codes"
            text={`${count(mfa.recoveryCodesLeft, "code")} left, for when you lose your device.`}
          >
            <Button variant="default" size="xs" onClick={askForCodes}>
              Make new codes
            </Button>
          </FactorRow>
        )}
      </Stack>
      {open?.kind === "totp" && (
        <TotpDialog fresh={open.fresh} onAdded={added("The authenticator app is set up")} onClose={close} />
      )}
      {open?.kind === "passkey" && <PasskeyDialog onAdded={added("The passkey is added")} onClose={close} />}
      {open?.kind === "question" && (
        <ConfirmFactor
          question={open.question}
          onClose={() => setOpen((now) => (now?.kind === "question" ? undefined : now))}
        />
      )}
      {open?.kind === "codes" && (
        <Modal
          opened
          onClose={close}
          title="Keep your recovery codes"
          closeOnClickOutside={false}
          closeOnEscape={false}
          withCloseButton={false}
        >
          <RecoveryCodes codes={open.codes} onDone={close} />
        </Modal>
      )}
    </section>
  );
}
