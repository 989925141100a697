/** Settings -> Credentials. */
import { Button, Table } from "@mantine/core";
import { useSuspenseInfiniteQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Page } from "../ui/Page.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { credentialsQuery } from "./queries.ts";

export default function CredentialsPage() {
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(
    credentialsQuery({}),
  );
  const credentials = data.pages.flatMap((page) => page.items);
  return (
    <Page
      title="Credentials"
      lead="What workflows need to talk to services. Secrets live in the vault and nowhere else."
    >
      {credentials.length === 0 ? (
        <EmptyState
          icon={<KeyRound size={20} aria-hidden />}
          title="No credential yet"
          text="A credential is saved once, encrypted, and used in any number of workflows. Nobody can read it back."
        />
      ) : (
        <DataTable label="Credentials" columns={["Name", "Service", "Scope", "Last used", "Status"]}>
          {credentials.map((credential) => (
            <Table.Tr key={credential.id}>
              <Table.Td>{credential.name}</Table.Td>
              <Table.Td>{credential.service}</Table.Td>
              <Table.Td>{credential.scope}</Table.Td>
              <Table.Td>
                <Ago at={credential.lastUsedAt} />
              </Table.Td>
              <Table.Td>
                <StatusPill status={credential.status} />
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
