/** All workflows of the workspace. */
import { Badge, Group, Select, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Search, SearchX } from "lucide-react";
import { useState } from "react";
import type { WorkflowStatus } from "../api/types.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { Page } from "../ui/Page.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { FirstSteps } from "./FirstSteps.tsx";
import { NewWorkflow } from "./NewWorkflow.tsx";
import { type WorkflowSummary, workflowsQuery } from "./queries.ts";

const STATUSES: { value: WorkflowStatus | ""; label: string }[] = [
  { value: "", label: "Any status" },
  { value: "draft", label: "Draft" },
  { value: "active", label: "Active" },
  { value: "inactive", label: "Inactive" },
  { value: "archived", label: "Archived" },
];

function Row({ workflow }: { workflow: WorkflowSummary }) {
  return (
    <Table.Tr>
      <Table.Td maw={420}>
        <Link to="/workflows/$workflowId" params={{ workflowId: workflow.id }}>
          {workflow.name}
        </Link>
        {workflow.description && (
          <Text size="xs" c="dimmed" lineClamp={1}>
            {workflow.description}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <StatusPill status={workflow.status} />
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {(workflow.tags ?? []).map((tag) => (
            <Badge key={tag} variant="default" size="sm" tt="none" fw={500}>
              {tag}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>{workflow.version}</Table.Td>
      <Table.Td>
        <Ago at={workflow.updatedAt} never="–" />
      </Table.Td>
    </Table.Tr>
  );
}

export default function WorkflowListPage() {
  const [text, setText] = useState("");
  const [status, setStatus] = useState<WorkflowStatus | "">("");
  const [q] = useDebouncedValue(text.trim(), 200);
  const filter = { ...(q ? { q } : {}), ...(status ? { status } : {}) };
  const query = useInfiniteQuery({
    ...workflowsQuery(filter),
    placeholderData: keepPreviousData,
  });
  const { data } = query;
  const workflows = data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = q !== "" || status !== "";
  const isEmpty = data !== undefined && workflows.length === 0;
  return (
    <Page
      title="Workflows"
      lead="What runs by itself: on a webhook, on a schedule, or when you say so."
      actions={!(isEmpty && !isFiltered) && <NewWorkflow />}
    >
      <NotYet query={query} failed="The workflows could not be listed" />
      {isEmpty && !isFiltered && <FirstSteps />}
      {data && !(isEmpty && !isFiltered) && (
        <Group mb="md" gap="xs">
          <TextInput
            size="xs"
            aria-label="Search workflows"
            placeholder="Search workflows"
            leftSection={<Search size={14} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            w={240}
          />
          <Select
            size="xs"
            aria-label="Status"
            data={STATUSES}
            value={status}
            onChange={(next) => setStatus((next as WorkflowStatus | null) ?? "")}
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
        />
      )}
      {workflows.length > 0 && (
        <DataTable label="Workflows" columns={["Name", "Status", "Tags", "Version", "Changed"]}>
          {workflows.map((workflow) => (
            <Row key={workflow.id} workflow={workflow} />
          ))}
        </DataTable>
      )}
      <ShowMore query={query} />
    </Page>
  );
}
