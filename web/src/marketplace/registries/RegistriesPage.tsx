/** The registries that the organization trusts: what they are, adding one, removing one. */
import { ActionIcon, Button, Table, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useCan } from "../../auth/me.ts";
import back from "../../catalog/ServicePage.module.css";
import { count } from "../../lib/format.ts";
import { Ago } from "../../ui/Ago.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { NotYet } from "../../ui/NotYet.tsx";
import { Page } from "../../ui/Page.tsx";
import { StatusPill } from "../../ui/StatusPill.tsx";
import { offerQuery, registriesQuery } from "../queries.ts";
import type { Offer, Registry } from "../types.ts";
import { AddRegistryDialog } from "./AddRegistryDialog.tsx";
import { RemoveRegistryDialog } from "./RemoveRegistryDialog.tsx";

/** What a registry offers at the moment, or that it cannot be read. */
function Offered({ registry, offer }: { registry: string; offer: Offer | undefined }) {
  if (!offer) return <Text size="xs">Reading…</Text>;
  const problem = offer.problems.find((one) => one.registry === registry);
  if (problem) {
    return (
      <>
        <StatusPill status="unreachable" />
        <Text size="xs" maw="24rem" mt={2}>
          {problem.message}
        </Text>
      </>
    );
  }
  const amount = offer.items.filter((one) => one.registry === registry).length;
  return (
    <Link to="/marketplace" search={{ registry }} style={{ whiteSpace: "nowrap" }}>
      {count(amount, "package")}
    </Link>
  );
}

export default function RegistriesPage() {
  const query = useQuery(registriesQuery);
  const { data } = query;
  const { data: offer } = useQuery(offerQuery);
  const [dialog, setDialog] = useState<"add" | Registry>();
  const canWrite = useCan("connectors.registries");
  const close = () => setDialog(undefined);
  return (
    <>
      <Page
        title="Registries"
        lead={
          <>
            <Link to="/marketplace" className={back.back}>
              <ChevronLeft size={14} aria-hidden />
              Marketplace
            </Link>
            <br />
            Publishers whose packages the workspaces of this organization can install. Each is checked against
            the root that was given when it was added.
          </>
        }
        actions={
          canWrite && (
            <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setDialog("add")}>
              Add a registry
            </Button>
          )
        }
      >
        <NotYet query={query} failed="The registries could not be read" />
        {data && (
          <DataTable label="Registries" columns={["Name", "Address", "Offers", "Added", ""]}>
            {data.map((registry) => (
              <Table.Tr key={registry.id}>
                <Table.Td fw={540}>{registry.name}</Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }} miw="12rem">
                  {registry.url ? <code>{registry.url}</code> : "Comes with Flero"}
                </Table.Td>
                <Table.Td>
                  <Offered registry={registry.id} offer={offer} />
                </Table.Td>
                <Table.Td>
                  <Ago at={registry.addedAt} never="Always there" />
                </Table.Td>
                <Table.Td ta="right">
                  {registry.url && canWrite && (
                    <Tooltip label={`Remove ${registry.name}`}>
                      <ActionIcon
                        variant="subtle"
                        color="red"
                        aria-label={`Remove ${registry.name}`}
                        onClick={() => setDialog(registry)}
                      >
                        <Trash2 size={15} aria-hidden />
                      </ActionIcon>
                    </Tooltip>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </DataTable>
        )}
        {data && !canWrite && (
          <Text size="xs" c="dimmed" mt="sm">
            An owner of the organization can add and remove registries.
          </Text>
        )}
      </Page>
      {dialog === "add" && <AddRegistryDialog onClose={close} />}
      {typeof dialog === "object" && <RemoveRegistryDialog registry={dialog} onClose={close} />}
    </>
  );
}
