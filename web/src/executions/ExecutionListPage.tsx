/** All runs of the workspace, newest first, with filters that stand in the address. */
import { Button, Table } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { History, ScrollText } from "lucide-react";
import { useMemo, useState } from "react";
import type { ExecutionItem } from "../api/types.ts";
import { useCan } from "../auth/me.ts";
import { isFinal } from "../editor/session/run.ts";
import { useNow } from "../lib/use-now.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { ListCount } from "../ui/ListCount.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { opens } from "../ui/opens.ts";
import { Page } from "../ui/Page.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { workflowNamesQuery } from "../workflows/queries.ts";
import { ExecutionFilters } from "./ExecutionFilters.tsx";
import { type ExecutionSearch, filterOf, searchOf } from "./filter.ts";
import { executionsQuery } from "./queries.ts";
import { RetentionDialog } from "./RetentionDialog.tsx";
import { useLiveExecutions } from "./use-live.ts";
import { durationText, triggerText } from "./words.ts";

export default function ExecutionListPage() {
  const search = useSearch({ from: "/inside/logs" });
  const navigate = useNavigate({ from: "/logs" });
  const change = (next: ExecutionSearch) =>
    void navigate({ search: (before) => searchOf({ ...before, ...next }), replace: true });
  const reset = () => void navigate({ search: {}, replace: true });
  const { data: names } = useQuery(workflowNamesQuery);
  const canRead = useCan("settings.read");
  const [isRetention, setIsRetention] = useState(false);
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
      <ExecutionFilters search={search} names={names} onChange={change} onReset={reset} />
      {isRetention && <RetentionDialog onClose={() => setIsRetention(false)} />}
      <List search={search} names={names} onReset={reset} />
    </Page>
  );
}

/** How long a run took; while it goes on, how long it has gone on. */
function Took({ run }: { run: ExecutionItem }) {
  const now = useNow(!isFinal(run.status));
  return <>{durationText(run.startedAt, run.finishedAt, now)}</>;
}

function Row({ run, name }: { run: ExecutionItem; name: string }) {
  return (
    <Table.Tr {...opens}>
      <Table.Td maw={360} style={{ overflowWrap: "anywhere" }}>
        <Link to="/logs/$executionId" params={{ executionId: run.id }}>
          {name}
        </Link>
      </Table.Td>
      <Table.Td>
        <StatusPill status={run.status} />
      </Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>{triggerText(run.trigger)}</Table.Td>
      <Table.Td>
        <Ago at={run.createdAt} />
      </Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" }}>
        <Took run={run} />
      </Table.Td>
      <Table.Td
        maw={320}
        title={run.error?.message}
        style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}
      >
        {run.error?.message}
      </Table.Td>
    </Table.Tr>
  );
}

interface ListProps {
  readonly search: ExecutionSearch;
  readonly names: ReadonlyMap<string, string> | undefined;
  readonly onReset: () => void;
}

function List({ search, names, onReset }: ListProps) {
  // A span ends now: it is reckoned once, or every minute would bring another list.
  const filter = useMemo(() => filterOf(search), [search]);
  const isLive = useLiveExecutions();
  const query = useInfiniteQuery({
    ...executionsQuery(filter, isLive),
    placeholderData: keepPreviousData,
  });
  const runs = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (!query.data) return <NotYet query={query} failed="The executions could not be listed" />;
  if (runs.length === 0) {
    const filtered = Object.values(search).some(Boolean);
    return (
      <EmptyState
        icon={<ScrollText size={20} aria-hidden />}
        title={filtered ? "No run fits" : "Nothing has run yet"}
        text={
          filtered
            ? "Show all of them, or change the filters."
            : "Run a workflow, and its input, output and timing are shown here."
        }
        action={filtered ? <Button onClick={onReset}>Show all</Button> : undefined}
      />
    );
  }
  return (
    <>
      <DataTable label="Executions" columns={["Workflow", "State", "Trigger", "Started", "Took", "Error"]}>
        {runs.map((run) => (
          <Row key={run.id} run={run} name={names?.get(run.workflowId) ?? run.workflowId} />
        ))}
      </DataTable>
      <ListCount total={query.data.pages[0]?.total ?? runs.length} one="execution" />
      <ShowMore query={query} />
    </>
  );
}
