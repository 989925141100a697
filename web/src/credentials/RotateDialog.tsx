/** Takes new secret data. The service is asked first; nothing changes unless it accepts it or the person insists. */
import { Button, Modal, Select, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { notify } from "../ui/notify.ts";
import { FieldInput } from "./form/FieldInput.tsx";
import { HeadersInput } from "./form/HeadersInput.tsx";
import { dataOf, formOf, parametersOf } from "./form-state.ts";
import { credentialActs, useCredentialAct } from "./queries.ts";
import { ServiceGate } from "./service/ServiceGate.tsx";
import { shownFields, type Way, wayOf, withApp } from "./ways.ts";

interface Props {
  credential: Credential;
  onClose: () => void;
}

/** Parameters that are no secret but change with it: without them the new secret belongs to nothing. */
const CHANGES_TOO: Record<string, string[]> = { awsSigV4: ["accessKeyId"], certificate: ["certificate"] };

/** For how many hours the former secret can be kept. */
const USUAL_GRACE = "24";
const GRACES = [
  { value: "0", label: "Not at all: destroy it at once" },
  { value: "1", label: "One hour" },
  { value: USUAL_GRACE, label: "One day" },
  { value: "168", label: "One week" },
  { value: "720", label: "30 days" },
];

export function RotateDialog({ credential, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={`Rotate ${credential.name}`}>
      <ServiceGate id={credential.service}>
        {(service) => (
          <RotateForm credential={credential} way={wayOf(credential, service.ways)} onClose={onClose} />
        )}
      </ServiceGate>
    </Modal>
  );
}

function RotateForm({ credential, way: whole, onClose }: Props & { way: Way }) {
  const [form, setForm] = useState(() => formOf(credential, whole));
  // The secret of an OAuth app is not the credential's: it is replaced where the app is.
  const way = withApp(whole, form.app);
  const [isTried, setIsTried] = useState(false);
  const [grace, setGrace] = useState<string>(USUAL_GRACE);
  const rotate = useCredentialAct(credentialActs.rotate, () => {
    notify.done("Rotated", `${credential.name} uses the new secret from now on. No workflow had to change.`);
    onClose();
  });
  const too = CHANGES_TOO[way.authType] ?? [];
  const fields = shownFields(way, form.values).filter((field) => field.secret || too.includes(field.name));
  const secrets = fields.filter((field) => field.secret);
  const data = dataOf(form, way);
  const stored = credential.parameters as Record<string, unknown>;
  const lacks = secrets.filter(
    (field) => (!field.optional || field.isNeeded(form.values)) && !(field.name in data),
  );
  const refused = rotate.error instanceof ApiError && rotate.error.problem.code === "credential_refused";
  const wrong = (name: string) =>
    (isTried && lacks.some((field) => field.name === name) ? "Type the new one." : undefined) ??
    (rotate.error instanceof ApiError ? rotate.error.field(`/data/${name}`) : undefined);
  const send = (force: boolean) => {
    setIsTried(true);
    if (lacks.length === 0)
      rotate.mutate({
        id: credential.id,
        data,
        force,
        ...(grace === USUAL_GRACE ? {} : { graceHours: Number(grace) }),
        ...(too.length > 0 ? { parameters: parametersOf(form, way, stored) } : {}),
      });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(false);
  };
  return (
    <form onSubmit={submit} autoComplete="off" noValidate>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          The new secret is tested first, then it takes over in one step. Workflows keep the same credential;
          runs in flight finish with what they hold.
        </Text>
        {fields.map((field) =>
          field.kind === "headers" ? (
            <HeadersInput
              key={field.name}
              rows={form.headers}
              isSet={false}
              error={wrong(field.name)}
              onChange={(headers) => setForm({ ...form, headers })}
            />
          ) : (
            <FieldInput
              key={field.name}
              field={field}
              value={form.values[field.name] ?? ""}
              error={wrong(field.name)}
              onChange={(value) => setForm({ ...form, values: { ...form.values, [field.name]: value } })}
            />
          ),
        )}
        <Select
          label="Keep the former secret"
          description="Until then it can be put back from the credential's menu. It is not used meanwhile."
          data={GRACES}
          value={grace}
          allowDeselect={false}
          onChange={(hours) => hours && setGrace(hours)}
        />
        <FormFoot
          label="Test and rotate"
          error={rotate.error}
          errorTitle={refused ? "The service refused the new secret. Nothing has changed." : undefined}
          isPending={rotate.isPending}
          onCancel={onClose}
        >
          {refused && (
            <Button variant="light" color="red" loading={rotate.isPending} onClick={() => send(true)}>
              Use it all the same
            </Button>
          )}
        </FormFoot>
      </Stack>
    </form>
  );
}
