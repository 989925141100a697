/** Settings -> Variables: what expressions see as `$env`. */
import { ActionIcon, Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Braces, Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import { useCan } from "../auth/me.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { notify } from "../ui/notify.ts";
import { Page } from "../ui/Page.tsx";
import { bodyOf, type Row, rowsOf } from "./variables.ts";

const variablesQuery = queryOptions({
  queryKey: ["variables"],
  queryFn: async ({ signal }) => {
    const answer = api.GET("/api/variables", { signal });
    const variables = (await value(answer)) as Record<string, unknown>;
    return { variables, tag: (await answer).response.headers.get("etag") };
  },
  refetchOnWindowFocus: false,
});

export default function VariablesPage() {
  const { data } = useSuspenseQuery(variablesQuery);
  return <VariablesForm key={data.tag} variables={data.variables} tag={data.tag} />;
}

function VariablesForm({ variables, tag }: { variables: Record<string, unknown>; tag: string | null }) {
  const canWrite = useCan("variables.write");
  const [rows, setRows] = useState<Row[]>(() => rowsOf(variables));
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      value(api.PUT("/api/variables", { params: { header: { "If-Match": tag } }, body: bodyOf(rows) })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["variables"] });
      notify.done("Saved", "Runs that start from now on see the new values.");
    },
  });
  const set = (at: number, change: Partial<Row>) =>
    setRows((before) => before.map((row, index) => (index === at ? { ...row, ...change } : row)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const isSame = JSON.stringify(bodyOf(rows)) === JSON.stringify(variables);
  const isConflict = save.error instanceof ApiError && save.error.status === 412;
  const add = (
    <Button
      variant="default"
      leftSection={<Plus size={14} aria-hidden />}
      onClick={() => setRows((before) => [...before, { name: "", value: "" }])}
    >
      Add variable
    </Button>
  );
  return (
    <Page
      title="Variables"
      width="narrow"
      lead="What expressions see as $env. These are not secrets: everybody who can see a workflow can see them."
    >
      {rows.length === 0 ? (
        <EmptyState
          icon={<Braces size={20} aria-hidden />}
          title="No variable yet"
          text="A base address or a channel name that many workflows share: write it once, use it as {{ $env.NAME }}."
          action={canWrite && add}
        />
      ) : (
        <form onSubmit={submit}>
          <Stack gap={8}>
            <Group gap={8} aria-hidden>
              <Text size="xs" c="dimmed" w="38%">
                Name
              </Text>
              <Text size="xs" c="dimmed">
                Value
              </Text>
            </Group>
            {rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row has no other identity while its name is typed
              <Group key={at} gap={8} wrap="nowrap" align="flex-start">
                <TextInput
                  aria-label={`Name of variable ${at + 1}`}
                  placeholder="BASE_URL"
                  value={row.name}
                  readOnly={!canWrite}
                  onChange={(event) => set(at, { name: event.currentTarget.value })}
                  w="38%"
                />
                <TextInput
                  aria-label={`Value of variable ${at + 1}`}
                  placeholder="https://api.example.com"
                  value={row.value}
                  readOnly={!canWrite}
                  onChange={(event) => set(at, { value: event.currentTarget.value })}
                  flex={1}
                />
                {canWrite && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={34}
                    aria-label={`Remove ${row.name || `variable ${at + 1}`}`}
                    onClick={() => setRows((before) => before.filter((_, index) => index !== at))}
                  >
                    <X size={15} aria-hidden />
                  </ActionIcon>
                )}
              </Group>
            ))}
            {save.error && (
              <Alert color="red" role="alert" title={isConflict ? "Somebody else was faster" : undefined}>
                {sentence(save.error)}
              </Alert>
            )}
            {canWrite && (
              <Group justify="space-between" mt="xs">
                {add}
                <Button type="submit" loading={save.isPending} disabled={isSame}>
                  Save
                </Button>
              </Group>
            )}
          </Stack>
        </form>
      )}
      {rows.length === 0 && Object.keys(variables).length > 0 && (
        <Group justify="flex-end">
          <Text size="sm" c="dimmed">
            All variables are removed.
          </Text>
          <Button onClick={() => save.mutate()} loading={save.isPending}>
            Save
          </Button>
        </Group>
      )}
    </Page>
  );
}
