/** Add or edit a credential: what it is for, how it authenticates, who can use it, and where it may go. */
import {
  Alert,
  Button,
  Collapse,
  Group,
  Modal,
  NumberInput,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ChevronDown, PlugZap } from "lucide-react";
import { type FormEvent, useState } from "react";
import { ApiError, sentence } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { useCan } from "../auth/me.ts";
import { notify } from "../ui/notify.ts";
import { AuthTypeChoice } from "./AuthTypeChoice.tsx";
import { authType, SCOPES } from "./auth-types.ts";
import { ChoiceCards } from "./ChoiceCards.tsx";
import classes from "./CredentialForm.module.css";
import { FieldInput } from "./FieldInput.tsx";
import {
  emptyForm,
  type CredentialForm as Form,
  formOf,
  initialValues,
  missing,
  newBody,
  patchBody,
} from "./form-state.ts";
import { HeadersInput } from "./HeadersInput.tsx";
import { HostsInput } from "./HostsInput.tsx";
import { credentialActs, useCredentialAct } from "./queries.ts";
import { VerdictView } from "./VerdictView.tsx";

interface Props {
  stored?: Credential;
  onClose: () => void;
  /** Called with what was made, for whoever opened the form to pick it. */
  onSaved?: (credential: Credential) => void;
}

/** The scopes that the reader may make a credential in. */
function useScopes() {
  const allowed: Record<string, boolean> = {
    personal: useCan("credentials.createPersonal"),
    workspace: useCan("credentials.createWorkspace"),
    organization: useCan("credentials.createOrganization"),
  };
  return SCOPES.map((scope) => ({ ...scope, disabled: !allowed[scope.value] }));
}

export function CredentialForm({ stored, onClose, onSaved }: Props) {
  const scopes = useScopes();
  const [form, setForm] = useState<Form>(() => {
    const widest =
      scopes.find((scope) => scope.value === "workspace" && !scope.disabled)?.value ?? "personal";
    return stored ? formOf(stored) : { ...emptyForm(), scope: widest };
  });
  const [isTried, setIsTried] = useState(false);
  const [more, { toggle }] = useDisclosure(false);
  const set = (change: Partial<Form>) => setForm((before) => ({ ...before, ...change }));

  const done = (credential: Credential) => {
    notify.done(
      stored ? "Saved" : "Added",
      `${credential.name} ${stored ? "is up to date." : "is ready to be used."}`,
    );
    onSaved?.(credential);
    onClose();
  };
  const create = useCredentialAct(credentialActs.create, done);
  const update = useCredentialAct(credentialActs.update, done);
  const test = useCredentialAct(credentialActs.testNew);
  const failure = create.error ?? update.error ?? test.error;

  const gaps = isTried ? missing(form, stored) : {};
  const wrong = (pointer: string) =>
    gaps[pointer] ?? (failure instanceof ApiError ? failure.field(pointer) : undefined);
  const isComplete = () => {
    setIsTried(true);
    return Object.keys(missing(form, stored)).length === 0;
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.reset();
    if (!isComplete()) return;
    if (stored) update.mutate({ id: stored.id, body: patchBody(form, stored) });
    else create.mutate(newBody(form));
  };
  const type = authType(form.authType);

  return (
    <Modal
      opened
      onClose={onClose}
      title={stored ? `Edit ${stored.name}` : "Add credential"}
      size={640}
      centered={false}
      yOffset="6vh"
    >
      <form onSubmit={submit} autoComplete="off" noValidate>
        <Stack gap="md">
          <TextInput
            label="Name"
            placeholder="Production API"
            value={form.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={wrong("/name")}
            data-autofocus
          />
          {!stored && (
            <AuthTypeChoice
              value={form.authType}
              onChange={(next) => set({ authType: next, values: initialValues(next) })}
            />
          )}
          {type?.fields.map((field) =>
            field.kind === "headers" ? (
              <HeadersInput
                key={field.name}
                rows={form.headers}
                isSet={stored !== undefined}
                error={wrong(`/data/${field.name}`)}
                onChange={(headers) => set({ headers })}
              />
            ) : (
              <FieldInput
                key={field.name}
                field={field}
                value={form.values[field.name] ?? ""}
                isSet={field.secret === true && (stored?.secretFields.includes(field.name) ?? false)}
                error={wrong(field.secret ? `/data/${field.name}` : `/parameters/${field.name}`)}
                onChange={(value) => set({ values: { ...form.values, [field.name]: value } })}
              />
            ),
          )}
          {type?.hosts !== false && (
            <HostsInput
              value={form.hosts}
              error={wrong("/allowedHosts")}
              onChange={(hosts) => set({ hosts })}
            />
          )}
          {type?.hosts !== false && (
            <TextInput
              label="Test address"
              description="A harmless GET that only an accepted credential can do. “Test connection” calls it."
              placeholder="https://api.example.com/me"
              value={form.testUrl}
              onChange={(event) => set({ testUrl: event.currentTarget.value })}
              error={wrong("/parameters/testUrl")}
            />
          )}
          {!stored && (
            <ChoiceCards
              label="Who can use it"
              columns={1}
              value={form.scope}
              options={scopes}
              onChange={(scope) => set({ scope })}
            />
          )}
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            onClick={toggle}
            aria-expanded={more}
            rightSection={<ChevronDown size={14} aria-hidden />}
            style={{ alignSelf: "start" }}
          >
            Notes, expiry and rotation
          </Button>
          <Collapse expanded={more}>
            <Stack gap="md">
              <Textarea
                label="Notes"
                description="For your team: what it is for, who gave it, where to renew it. No secrets."
                value={form.notes}
                onChange={(event) => set({ notes: event.currentTarget.value })}
                error={wrong("/notes")}
                autosize
                minRows={2}
              />
              <Group grow align="flex-start">
                <TextInput
                  label="Expires on"
                  type="date"
                  value={form.expiresAt}
                  onChange={(event) => set({ expiresAt: event.currentTarget.value })}
                  error={wrong("/expiresAt")}
                />
                <NumberInput
                  label="Remind to rotate every"
                  suffix=" days"
                  min={1}
                  value={form.rotateEveryDays}
                  onChange={(days) => set({ rotateEveryDays: String(days) })}
                  error={wrong("/rotateEveryDays")}
                />
              </Group>
            </Stack>
          </Collapse>
          {test.data && !test.isPending && <VerdictView verdict={test.data} />}
          {failure && (
            <Alert color="red" role="alert">
              {sentence(failure)}
            </Alert>
          )}
          {isTried && Object.keys(gaps).length > 0 && (
            <Text size="sm" c="red" role="alert">
              Something is missing above.
            </Text>
          )}
          <Group justify="space-between" className={classes.foot}>
            {stored ? (
              <span />
            ) : (
              <Button
                variant="default"
                leftSection={<PlugZap size={14} aria-hidden />}
                loading={test.isPending}
                onClick={() => isComplete() && test.mutate(newBody(form))}
              >
                Test connection
              </Button>
            )}
            <Group gap="xs">
              <Button variant="subtle" color="gray" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending || update.isPending}>
                {stored ? "Save" : "Add credential"}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
