/** Settings -> Requests: wider scopes that somebody asked for, to be decided or looked back at. */
import { Button, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Inbox } from "lucide-react";
import { useMe } from "../auth/me.ts";
import { scopeLabel } from "../credentials/words.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { Page } from "../ui/Page.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { requestsQuery, type ScopeRequest } from "./queries.ts";
import { RequestDialog } from "./RequestDialog.tsx";

export interface RequestSearch {
  /** All of them, rather than those that wait. */
  show?: "all";
  /** The one that is open in the dialog. */
  request?: string;
}

function Row({ request, onOpen }: { request: ScopeRequest; onOpen: () => void }) {
  const me = useMe();
  const label = request.canDecide ? "Decide" : "Look";
  return (
    <Table.Tr>
      <Table.Td miw={180} style={{ overflowWrap: "anywhere" }}>
        <Text size="sm" fw={560}>
          {request.credentialName}
        </Text>
        <Text size="xs" c="dimmed">
          {scopeLabel(request.from)} to {scopeLabel(request.to)}
        </Text>
      </Table.Td>
      <Table.Td>{request.askedBy === me.userId ? "You" : request.askerName}</Table.Td>
      <Table.Td>
        <Ago at={request.createdAt} />
      </Table.Td>
      <Table.Td>
        <StatusPill status={request.status} />
      </Table.Td>
      <Table.Td ta="right">
        <Button
          variant={request.canDecide ? "light" : "subtle"}
          size="compact-sm"
          aria-label={`${label}: ${request.credentialName}`}
          onClick={onOpen}
        >
          {label}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

export default function RequestsPage() {
  const { show, request: opened } = useSearch({ from: "/inside/settings/requests" });
  const navigate = useNavigate({ from: "/settings/requests" });
  const query = useInfiniteQuery(requestsQuery(show === "all" ? {} : { status: "open" }));
  const { data } = query;
  const requests = data?.pages.flatMap((page) => page.items) ?? [];
  const open = (request?: string) =>
    void navigate({
      search: { ...(show ? { show } : {}), ...(request ? { request } : {}) },
      replace: true,
    });
  return (
    <Page
      title="Requests"
      lead="Requests to share a credential more widely, from people who may use it but not share it. Nobody decides on their own request."
    >
      <Stack gap="md">
        <SegmentedControl
          size="xs"
          aria-label="Which requests"
          value={show ?? "open"}
          data={[
            { value: "open", label: "Waiting" },
            { value: "all", label: "All" },
          ]}
          onChange={(next) => void navigate({ search: next === "all" ? { show: "all" } : {}, replace: true })}
          style={{ alignSelf: "start" }}
        />
        <NotYet query={query} failed="The requests could not be listed" />
        {data && requests.length === 0 && (
          <EmptyState
            icon={<Inbox size={20} aria-hidden />}
            title={show === "all" ? "Nobody has asked yet" : "Nothing waits"}
            text="To ask, open the menu of a credential and choose Change scope. The request then appears here, for you and for the admins who decide."
          />
        )}
        {requests.length > 0 && (
          <div>
            <DataTable label="Requests" columns={["Credential", "Asked by", "When", "State", ""]}>
              {requests.map((request) => (
                <Row key={request.id} request={request} onOpen={() => open(request.id)} />
              ))}
            </DataTable>
            <ShowMore query={query} />
          </div>
        )}
      </Stack>
      {opened && <RequestDialog id={opened} onClose={() => open()} />}
    </Page>
  );
}
