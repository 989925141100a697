/** Settings -> Security: one's own password, second factors, sessions and sign-ins. */
import { Alert, Button, Checkbox, Group, PasswordInput, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { type FormEvent, Suspense, useState } from "react";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import { actionLabel } from "../audit/words.ts";
import { useMe } from "../auth/me.ts";
import { Identities } from "../identity/Identities.tsx";
import { count } from "../lib/format.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { notify } from "../ui/notify.ts";
import { Page } from "../ui/Page.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { DeleteAccount } from "./DeleteAccount.tsx";
import { browserName, sessionsQuery, signInsQuery } from "./queries.ts";
import { SecondFactors } from "./SecondFactors.tsx";

function Sessions() {
  const { data } = useSuspenseQuery(sessionsQuery);
  const queryClient = useQueryClient();
  const after = {
    onError: (error: Error) => notify.failed("Not signed out", sentence(error)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["me", "sessions"] }),
  };
  const end = useMutation({
    mutationFn: (id: string) => value(api.DELETE("/api/me/sessions/{id}", { params: { path: { id } } })),
    ...after,
  });
  const endOthers = useMutation({
    mutationFn: () => value(api.DELETE("/api/me/sessions")),
    onSuccess: (answer) => notify.done("Signed out", `${count(answer.ended, "other session")} ended.`),
    ...after,
  });
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>Active sessions</Title>
        {data.items.length > 1 && (
          <Button
            variant="default"
            size="xs"
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate()}
          >
            Sign out all others
          </Button>
        )}
      </Group>
      <DataTable label="Active sessions" columns={["Browser", "Address", "Last seen", ""]}>
        {data.items.map((session) => (
          <Table.Tr key={session.id}>
            <Table.Td>{browserName(session.userAgent)}</Table.Td>
            <Table.Td>{session.address}</Table.Td>
            <Table.Td>
              <Ago at={session.lastSeenAt} />
            </Table.Td>
            <Table.Td ta="right">
              {session.isCurrent ? (
                <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                  This one
                </Text>
              ) : (
                <Button variant="subtle" color="red" size="compact-xs" onClick={() => end.mutate(session.id)}>
                  Sign out
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
    </section>
  );
}

function Password() {
  const [form, setForm] = useState({ password: "", newPassword: "", keepOtherSessions: false });
  const change = useMutation({
    mutationFn: () => value(api.POST("/api/me/password", { body: form })),
    gcTime: 0,
    onSuccess: () => {
      setForm({ password: "", newPassword: "", keepOtherSessions: false });
      notify.done("Password changed", "Use the new one from now on.");
    },
  });
  const wrong = (pointer: string) =>
    change.error instanceof ApiError ? change.error.field(pointer) : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <section>
      <Title order={2} mb="xs">
        Password
      </Title>
      <form onSubmit={submit}>
        <Stack gap="sm" maw={400}>
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={form.password}
            error={wrong("/password")}
            onChange={(event) => setForm({ ...form, password: event.currentTarget.value })}
          />
          <PasswordInput
            label="New password"
            description="At least 15 characters."
            autoComplete="new-password"
            minLength={15}
            required
            withAsterisk={false}
            value={form.newPassword}
            error={wrong("/newPassword")}
            onChange={(event) => setForm({ ...form, newPassword: event.currentTarget.value })}
          />
          <Checkbox
            label="End my other sessions"
            checked={!form.keepOtherSessions}
            onChange={(event) => setForm({ ...form, keepOtherSessions: !event.currentTarget.checked })}
          />
          {change.error && (
            <Alert color="red" role="alert">
              {sentence(change.error)}
            </Alert>
          )}
          <Button type="submit" loading={change.isPending} style={{ alignSelf: "start" }}>
            Change password
          </Button>
        </Stack>
      </form>
    </section>
  );
}

function SignIns() {
  const { data } = useSuspenseQuery(signInsQuery);
  return (
    <section>
      <Title order={2} mb="xs">
        Last sign-ins
      </Title>
      {data.items.length === 0 && (
        <Text size="sm" c="dimmed">
          None since the account was made. From now on each one is listed here, failed ones too.
        </Text>
      )}
      {data.items.length > 0 && (
        <DataTable label="Last sign-ins" columns={["When", "Outcome", "Browser", "Address"]}>
          {data.items.slice(0, 20).map((entry, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries have no identity of their own and never change
            <Table.Tr key={at}>
              <Table.Td>
                <Ago at={entry.at} />
              </Table.Td>
              <Table.Td>
                {entry.outcome === "success" ? <StatusPill status="success" /> : actionLabel(entry.outcome)}
              </Table.Td>
              <Table.Td>{browserName(entry.userAgent)}</Table.Td>
              <Table.Td>{entry.address}</Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
    </section>
  );
}

export default function SecurityPage() {
  // Whoever has to set up a second factor first may see nothing else here.
  const me = useMe();
  const isEnrolling = me.mfaEnrolmentRequired;
  return (
    <Page title="Security" lead="How you sign in, and where you are signed in." width="narrow">
      <Stack gap={36}>
        {!isEnrolling && <Password />}
        <SecondFactors />
        {!isEnrolling && <Identities />}
        {!isEnrolling && (
          <Suspense fallback={<ScreenLoader />}>
            <Sessions />
            <SignIns />
          </Suspense>
        )}
        {!isEnrolling && !me.apiKeyId && <DeleteAccount />}
      </Stack>
    </Page>
  );
}
