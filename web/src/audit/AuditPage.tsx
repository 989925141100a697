/** Settings -> Audit log. */
import { Button, Group, Menu, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Download, ListTree } from "lucide-react";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import { useMe } from "../auth/me.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { notify } from "../ui/notify.ts";
import { Page } from "../ui/Page.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import { asCsv, asJsonLines, save } from "./export.ts";
import { type AuditFilter, auditQuery, everyEntry } from "./queries.ts";
import { actionLabel, actorLabel, detailText } from "./words.ts";

/** More would not fit comfortably into a page's memory; the API gives the rest. */
const MOST_EXPORTED = 50_000;

function Export({ filter }: { filter: AuditFilter }) {
  const run = useMutation({
    mutationFn: async (form: "jsonl" | "csv") => {
      const entries = await everyEntry(filter, MOST_EXPORTED);
      if (form === "csv") save("audit.csv", "text/csv", asCsv(entries));
      else save("audit.jsonl", "application/jsonl", asJsonLines(entries));
    },
    onError: (error) => notify.failed("Not exported", sentence(error)),
  });
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={14} aria-hidden />} loading={run.isPending}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => run.mutate("jsonl")}>JSON lines</Menu.Item>
        <Menu.Item onClick={() => run.mutate("csv")}>CSV</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export default function AuditPage() {
  const [action, setAction] = useState("");
  const [actor, setActor] = useState("");
  const [settled] = useDebouncedValue({ action: action.trim(), actor: actor.trim() }, 250);
  const filter: AuditFilter = {
    ...(settled.action ? { action: settled.action } : {}),
    ...(settled.actor ? { actor: settled.actor } : {}),
  };
  const query = useInfiniteQuery(auditQuery(filter));
  const { data, error } = query;
  const me = useMe();
  const entries = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Audit log"
      lead="Who did what, when. Each entry is chained to the one before; “flero audit verify” checks that none was changed."
      actions={<Export filter={filter} />}
    >
      <Group mb="md" gap="xs">
        <TextInput
          size="xs"
          aria-label="Action"
          placeholder="Action, e.g. credential.rotated"
          value={action}
          onChange={(event) => setAction(event.currentTarget.value)}
          w={230}
        />
        <TextInput
          size="xs"
          aria-label="Actor"
          placeholder="Actor, e.g. usr_…"
          value={actor}
          onChange={(event) => setActor(event.currentTarget.value)}
          w={230}
        />
      </Group>
      {error && !data && (
        <EmptyState role="alert" title="The audit log could not be read" text={sentence(error)} />
      )}
      {!data && !error && <ScreenLoader />}
      {data && entries.length === 0 && (
        <EmptyState
          icon={<ListTree size={20} aria-hidden />}
          title="Nothing fits"
          text="No entry fits these filters."
        />
      )}
      {entries.length > 0 && (
        <DataTable label="Audit log" columns={["When", "Who", "What", "Target", "Details"]}>
          {entries.map((entry) => (
            <Table.Tr key={entry.id}>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                <Ago at={entry.at} />
              </Table.Td>
              <Table.Td>{actorLabel(entry.actor, me.userId)}</Table.Td>
              <Table.Td>
                <Text size="sm" fw={540} style={{ whiteSpace: "nowrap" }}>
                  {actionLabel(entry.action)}
                </Text>
              </Table.Td>
              <Table.Td>
                <code>{entry.target}</code>
              </Table.Td>
              <Table.Td maw={320}>{detailText(entry.detail as Record<string, unknown>)}</Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
      <ShowMore query={query} />
    </Page>
  );
}
