/** All workflows of the workspace. */
import { Badge, Button, Group, Select, Table, Text, TextInput } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { FileUp, Search, SearchX } from "lucide-react";
import { lazy, Suspense, useCallback, useState } from "react";
import { useCan } from "../auth/me.ts";
import { type LatestRuns, LIVE_MS, latestRunsQuery } from "../executions/queries.ts";
import { useLiveExecutions } from "../executions/use-live.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { ListCount } from "../ui/ListCount.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { opens } from "../ui/opens.ts";
import { Page } from "../ui/Page.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { useSearchText } from "../ui/use-search-text.ts";
import { FirstSteps } from "./FirstSteps.tsx";
import { STATUSES, searchOf, type WorkflowSearch } from "./filter.ts";
import { LastRun } from "./LastRun.tsx";
import { NewWorkflow } from "./NewWorkflow.tsx";
import { type WorkflowSummary, workflowsQuery } from "./queries.ts";
import { WorkflowMenu } from "./WorkflowMenu.tsx";

const ImportDialog = lazy(() => import("./ImportDialog.tsx"));

/** So many tags have room in a row; the others are counted. */
const SHOWN_TAGS = 2;

function Row({ workflow, latest }: { workflow: WorkflowSummary; latest: LatestRuns | undefined }) {
  return (
    <Table.Tr {...opens}>
      <Table.Td maw={420}>
        <Link to="/workflows/$workflowId" params={{ workflowId: workflow.id }}>
          {workflow.name}
        </Link>
      </Table.Td>
      <Table.Td>
        <StatusPill status={workflow.status} />
      </Table.Td>
      <Table.Td>
        {workflow.tags.length > 0 && (
          <Group gap={4} wrap="nowrap" title={workflow.tags.join(", ")}>
            {workflow.tags.slice(0, SHOWN_TAGS).map((tag) => (
              <Badge key={tag} variant="default" size="sm" tt="none" fw={500} maw={120} flex="none">
                {tag}
              </Badge>
            ))}
            {workflow.tags.length > SHOWN_TAGS && (
              <Text span size="xs" c="dimmed">
                +{workflow.tags.length - SHOWN_TAGS}
              </Text>
            )}
          </Group>
        )}
      </Table.Td>
      <Table.Td>
        <LastRun id={workflow.id} latest={latest} />
      </Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        <Ago at={workflow.updatedAt} never="–" />
        <Text span size="xs" c="var(--flero-ink-faint)">
          {" "}
          · v{workflow.version}
        </Text>
      </Table.Td>
      <Table.Td w={52} data-corner>
        <WorkflowMenu workflow={workflow} />
      </Table.Td>
    </Table.Tr>
  );
}

export default function WorkflowListPage() {
  const search = useSearch({ from: "/inside/workflows" });
  const navigate = useNavigate({ from: "/workflows" });
  const change = useCallback(
    (next: WorkflowSearch) =>
      void navigate({ search: (before) => searchOf({ ...before, ...next }), replace: true }),
    [navigate],
  );
  const changeText = useCallback((q: string | undefined) => change({ q: q?.trim() }), [change]);
  const [text, setText] = useSearchText(search.q, changeText);
  const [isImporting, setIsImporting] = useState(false);
  const canMake = useCan("workflows.create");
  const query = useInfiniteQuery({ ...workflowsQuery(search), placeholderData: keepPreviousData });
  const { data } = query;
  const isLive = useLiveExecutions();
  const { data: latest } = useQuery({ ...latestRunsQuery, ...(isLive && { refetchInterval: LIVE_MS }) });
  const workflows = data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = Object.keys(search).length > 0;
  const isEmpty = data !== undefined && workflows.length === 0;
  return (
    <Page
      title="Workflows"
      lead="What runs by itself: on a webhook, on a schedule, or when you say so."
      actions={
        canMake && (
          <>
            <Button
              variant="default"
              leftSection={<FileUp size={15} aria-hidden />}
              onClick={() => setIsImporting(true)}
            >
              Import
            </Button>
            {!(isEmpty && !isFiltered) && <NewWorkflow />}
          </>
        )
      }
    >
      {isImporting && (
        <Suspense fallback={null}>
          <ImportDialog onClose={() => setIsImporting(false)} />
        </Suspense>
      )}
      <NotYet query={query} failed="The workflows could not be listed" />
      {isEmpty && !isFiltered && <FirstSteps />}
      {data && !(isEmpty && !isFiltered) && (
        <Group mb="md" gap="xs" wrap="nowrap">
          <TextInput
            size="xs"
            aria-label="Search workflows"
            placeholder="Search workflows"
            leftSection={<Search size={14} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            flex={1}
            maw={280}
          />
          <Select
            size="xs"
            aria-label="Status"
            data={[{ value: "", label: "Not archived" }, ...STATUSES]}
            value={search.status ?? ""}
            onChange={(status) => change({ status: (status || undefined) as WorkflowSearch["status"] })}
            allowDeselect={false}
            w={130}
          />
        </Group>
      )}
      {isEmpty && isFiltered && (
        <EmptyState
          icon={<SearchX size={20} aria-hidden />}
          title="Nothing matches"
          text="No workflow fits these filters."
          action={<Button onClick={() => void navigate({ search: {}, replace: true })}>Show all</Button>}
        />
      )}
      {workflows.length > 0 && (
        <DataTable label="Workflows" columns={["Name", "Status", "Tags", "Last run", "Changed", ""]}>
          {workflows.map((workflow) => (
            <Row key={workflow.id} workflow={workflow} latest={latest} />
          ))}
        </DataTable>
      )}
      {workflows.length > 0 && <ListCount total={data?.pages[0]?.total ?? workflows.length} one="workflow" />}
      <ShowMore query={query} />
    </Page>
  );
}
