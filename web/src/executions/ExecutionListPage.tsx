/** All runs of the workspace, newest first, with filters that stand in the address. */
import { Button, Group, Select, Table } from "@mantine/core";
import { useQuery, useSuspenseInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { History, ScrollText } from "lucide-react";
import { useState } from "react";
import type { ExecutionStatus } from "../api/types.ts";
import { useCan } from "../auth/me.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Page } from "../ui/Page.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { type ExecutionFilter, executionsQuery, workflowNamesQuery } from "./queries.ts";
import { RetentionDialog } from "./RetentionDialog.tsx";
import { durationText, triggerText } from "./words.ts";

const STATES: { value: ExecutionStatus; label: string }[] = [
  { value: "running", label: "Running" },
  { value: "waitingForInput", label: "Waiting" },
  { value: "pending", label: "Pending" },
  { value: "success", label: "Success" },
  { value: "failed", label: "Failed" },
  { value: "timeout", label: "Timed out" },
  { value: "cancelled", label: "Cancelled" },
];

/** The filter of the address; anything else in it is passed over. */
function useFilter(): readonly [ExecutionFilter, (change: ExecutionFilter) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const filter: ExecutionFilter = {};
  const state = STATES.find(({ value }) => value === search.status);
  if (state) filter.status = state.value;
  if (typeof search.workflowId === "string") filter.workflowId = search.workflowId;
  const set = (change: ExecutionFilter) => {
    const next = Object.fromEntries(
      Object.entries({ ...filter, ...change }).filter(([, entry]) => entry !== undefined),
    );
    void navigate({ to: "/logs", search: next as never, replace: true });
  };
  return [filter, set];
}

export default function ExecutionListPage() {
  const [filter, setFilter] = useFilter();
  const { data: names } = useQuery(workflowNamesQuery);
  const canRead = useCan("settings.read");
  const [isRetention, setIsRetention] = useState(false);
  const workflows = [...(names ?? [])].map(([value, label]) => ({ value, label }));
  return (
    <Page
      title="Executions"
      lead="Newest first. No secret is in any of them."
      actions={
        canRead && (
          <Button
            variant="default"
            leftSection={<History size={15} aria-hidden />}
            onClick={() => setIsRetention(true)}
          >
            How long they are kept
          </Button>
        )
      }
    >
      <Group mb="md" gap="sm">
        <Select
          aria-label="State"
          placeholder="Every state"
          clearable
          data={STATES}
          value={filter.status ?? null}
          onChange={(status) => setFilter({ status: status ?? undefined } as ExecutionFilter)}
        />
        <Select
          aria-label="Workflow"
          placeholder="Every workflow"
          clearable
          searchable
          w={260}
          data={workflows}
          value={filter.workflowId ?? null}
          onChange={(workflowId) => setFilter({ workflowId: workflowId ?? undefined } as ExecutionFilter)}
        />
      </Group>
      {isRetention && <RetentionDialog onClose={() => setIsRetention(false)} />}
      <List
        filter={filter}
        names={names}
        onReset={() => setFilter({ status: undefined, workflowId: undefined } as never)}
      />
    </Page>
  );
}

interface ListProps {
  readonly filter: ExecutionFilter;
  readonly names: ReadonlyMap<string, string> | undefined;
  readonly onReset: () => void;
}

function List({ filter, names, onReset }: ListProps) {
  const query = useSuspenseInfiniteQuery(executionsQuery(filter));
  const runs = query.data.pages.flatMap((page) => page.items);
  if (runs.length === 0) {
    const filtered = filter.status !== undefined || filter.workflowId !== undefined;
    return (
      <EmptyState
        icon={<ScrollText size={20} aria-hidden />}
        title={filtered ? "No run fits" : "Nothing has run yet"}
        text={
          filtered
            ? "Look at all of them, or choose another state."
            : "Run a workflow, and its input, output and timing are shown here."
        }
        action={filtered ? <Button onClick={onReset}>Show all</Button> : undefined}
      />
    );
  }
  return (
    <>
      <DataTable
        label="Executions"
        columns={["Workflow", "State", "Set off by", "Accepted", "Took", "Error"]}
      >
        {runs.map((run) => (
          <Table.Tr key={run.id}>
            <Table.Td>
              <Link to="/logs/$executionId" params={{ executionId: run.id }}>
                {names?.get(run.workflowId) ?? run.workflowId}
              </Link>
            </Table.Td>
            <Table.Td>
              <StatusPill status={run.status} />
            </Table.Td>
            <Table.Td>{triggerText(run.trigger as unknown as { kind: string })}</Table.Td>
            <Table.Td>
              <Ago at={run.createdAt} />
            </Table.Td>
            <Table.Td>
              {run.startedAt && run.finishedAt ? durationText(run.startedAt, run.finishedAt) : "–"}
            </Table.Td>
            <Table.Td
              maw={320}
              style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}
            >
              {(run.error as { message?: string } | null | undefined)?.message ?? ""}
            </Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
      <ShowMore query={query} />
    </>
  );
}
