/** What ran, newest first. */
import { Button, Table } from "@mantine/core";
import { useSuspenseInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { formatDuration } from "../lib/format.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Page } from "../ui/Page.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { executionsQuery } from "./queries.ts";

/** From the acceptance to the end, in words. */
const took = (from: string, to: string | null | undefined) =>
  to ? formatDuration(new Date(to).getTime() - new Date(from).getTime()) : "–";

export default function ExecutionListPage() {
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(
    executionsQuery({}),
  );
  const executions = data.pages.flatMap((page) => page.items);
  return (
    <Page title="Executions" lead="Newest first. No secret is in any of them.">
      {executions.length === 0 ? (
        <EmptyState
          icon={<ScrollText size={20} aria-hidden />}
          title="Nothing has run yet"
          text="Run a workflow, and its input, output and timing are shown here."
        />
      ) : (
        <DataTable label="Executions" columns={["Execution", "Status", "Accepted", "Took"]}>
          {executions.map((execution) => (
            <Table.Tr key={execution.id}>
              <Table.Td>
                <Link to="/logs/$executionId" params={{ executionId: execution.id }}>
                  <code>{execution.id}</code>
                </Link>
              </Table.Td>
              <Table.Td>
                <StatusPill status={execution.status} />
              </Table.Td>
              <Table.Td>
                <Ago at={execution.createdAt} />
              </Table.Td>
              <Table.Td>{took(execution.createdAt, execution.finishedAt)}</Table.Td>
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
