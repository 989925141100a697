/** How long ended runs are kept, by number and by age. */
import { Button, Group, Loader, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { components } from "#api";
import { api, value } from "../api/client.ts";
import { ApiError, sentence } from "../api/problem.ts";
import { useCan } from "../auth/me.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { FormFoot } from "../ui/FormFoot.tsx";
import { notify } from "../ui/notify.ts";

const retentionQuery = queryOptions({
  queryKey: ["settings", "retention"],
  queryFn: ({ signal }) => value(api.GET("/api/settings/retention", { signal })),
  refetchOnWindowFocus: false,
});

type Limits = components["schemas"]["RetentionBody"];

export function RetentionDialog({ onClose }: { onClose: () => void }) {
  const { data, error } = useQuery(retentionQuery);
  return (
    <Modal opened onClose={onClose} title="How long runs are kept">
      {error && <EmptyState role="alert" title="This could not be read" text={sentence(error)} />}
      {!data && !error && <Loader role="status" aria-label="Loading" />}
      {data && <Form stored={data} onClose={onClose} />}
    </Modal>
  );
}

function Form({ stored, onClose }: { stored: Limits; onClose: () => void }) {
  const canWrite = useCan("settings.write");
  const [count, setCount] = useState<number | string>(stored.maxCount);
  const [days, setDays] = useState<number | string>(stored.maxAgeDays);
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: (body: Limits) => value(api.PUT("/api/settings/retention", { body })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: retentionQuery.queryKey });
      notify.done("Saved", "Runs beyond the limits are deleted from now on.");
      onClose();
    },
  });
  const wrong = (pointer: string) => (save.error instanceof ApiError ? save.error.field(pointer) : undefined);
  const isWhole = typeof count === "number" && typeof days === "number";
  const isFewer = isWhole && (count < stored.maxCount || days < stored.maxAgeDays);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole) save.mutate({ maxCount: count, maxAgeDays: days });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">
          A run that has ended is deleted when it is older than this, or when there are more than this many in
          the workspace, whichever comes first. Runs that go on or wait are never deleted.
        </Text>
        <NumberInput
          label="Days"
          min={1}
          max={3_650}
          allowDecimal={false}
          value={days}
          onChange={setDays}
          error={wrong("/maxAgeDays")}
          readOnly={!canWrite}
          data-autofocus
        />
        <NumberInput
          label="Runs at most"
          min={1}
          max={10_000_000}
          allowDecimal={false}
          thousandSeparator
          value={count}
          onChange={setCount}
          error={wrong("/maxCount")}
          readOnly={!canWrite}
        />
        {isFewer && (
          <Text size="sm" c="var(--flero-warn)" role="status">
            This is less than before: what is beyond it is deleted, with its data, and cannot be brought back.
          </Text>
        )}
        {canWrite ? (
          <FormFoot
            label="Save"
            error={save.error}
            isPending={save.isPending}
            disabled={!isWhole}
            onCancel={onClose}
          />
        ) : (
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              An admin of the workspace can change this.
            </Text>
            <Button onClick={onClose}>Close</Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
