/** What the organization asks of everybody in it. */
import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError, sentence } from "../api/problem.ts";
import { useCan } from "../auth/me.ts";
import { count } from "../lib/format.ts";
import { notify } from "../ui/notify.ts";
import classes from "./PolicyField.module.css";
import { PolicyField } from "./PolicyField.tsx";
import { changedPolicies, shownPolicies } from "./policies.ts";
import { organizationActs, type Policies, useOrganizationAct } from "./queries.ts";

interface Props {
  policies: Policies;
  tag: string | null;
  /** Reads the policies anew, after somebody else was faster. */
  onReload: () => void;
}

export function PoliciesForm({ policies, tag, onReload }: Props) {
  const canWrite = useCan("organization.policiesWrite");
  const [draft, setDraft] = useState<Record<string, unknown>>(policies);
  const save = useOrganizationAct(organizationActs.setPolicies, () =>
    notify.done("Saved", "The policies apply from the next request."),
  );
  const changed = changedPolicies(policies, draft);
  const problem = save.error instanceof ApiError ? save.error : undefined;
  const isConflict = problem?.status === 412;
  const wrong = (name: string) => {
    const sent = (save.variables?.policies as Record<string, unknown> | undefined)?.[name];
    return problem?.list(`/${name}`, Array.isArray(sent) ? sent.map(String) : []);
  };
  const isSaidAtField = changed.some((name) => wrong(name) !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ policies: draft as Policies, tag });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        {shownPolicies(policies).map((group) => (
          <section key={group.title}>
            <Title order={3} mb={6}>
              {group.title}
            </Title>
            <div className={classes.group}>
              {group.policies.map((policy) => (
                <PolicyField
                  key={policy.name}
                  policy={policy}
                  value={draft[policy.name]}
                  error={wrong(policy.name)}
                  readOnly={!canWrite}
                  onChange={(value) => setDraft((before) => ({ ...before, [policy.name]: value }))}
                />
              ))}
            </div>
          </section>
        ))}
        {save.error && !isSaidAtField && (
          <Alert color="red" role="alert" title={isConflict ? "Somebody else was faster" : undefined}>
            <Stack gap="xs" align="start">
              {isConflict
                ? "The policies have changed in the meantime. Look at them before you change them."
                : sentence(save.error)}
              {isConflict && (
                <Button size="xs" variant="default" onClick={onReload}>
                  Show what is there now
                </Button>
              )}
            </Stack>
          </Alert>
        )}
        {canWrite ? (
          <Group justify="flex-end" gap="xs">
            <Text size="xs" c="dimmed" role="status">
              {changed.length > 0 && `${count(changed.length, "change")}, not saved yet`}
            </Text>
            <Button
              variant="subtle"
              color="gray"
              disabled={changed.length === 0}
              onClick={() => {
                setDraft(policies);
                save.reset();
              }}
            >
              Undo
            </Button>
            <Button type="submit" loading={save.isPending} disabled={changed.length === 0}>
              Save
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            Only the organization's owner can change them.
          </Text>
        )}
      </Stack>
    </form>
  );
}
