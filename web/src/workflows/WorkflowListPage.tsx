/** All workflows of the workspace. */
import { Button, Table } from "@mantine/core";
import { useSuspenseInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Page } from "../ui/Page.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { workflowsQuery } from "./queries.ts";

export default function WorkflowListPage() {
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(
    workflowsQuery({}),
  );
  const workflows = data.pages.flatMap((page) => page.items);
  return (
    <Page title="Workflows" lead="What runs by itself: on a webhook, on a schedule, or when you say so.">
      {workflows.length === 0 ? (
        <EmptyState
          icon={<Workflow size={20} aria-hidden />}
          title="No workflow yet"
          text="A workflow is a chain of steps that talk to services with your credentials."
        />
      ) : (
        <DataTable label="Workflows" columns={["Name", "Status", "Version", "Changed"]}>
          {workflows.map((workflow) => (
            <Table.Tr key={workflow.id}>
              <Table.Td>
                <Link to="/workflows/$workflowId" params={{ workflowId: workflow.id }}>
                  {workflow.name}
                </Link>
              </Table.Td>
              <Table.Td>
                <StatusPill status={workflow.status} />
              </Table.Td>
              <Table.Td>{workflow.version}</Table.Td>
              <Table.Td>
                <Ago at={workflow.updatedAt} never="–" />
              </Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
      {hasNextPage && (
        <Button variant="default" mt="md" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}
