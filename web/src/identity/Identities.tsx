/** Settings -> Security: the identities at providers that sign one in, and linking a further one. */
import { Alert, Button, Menu, Table, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import { Ago } from "../ui/Ago.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { notify } from "../ui/notify.ts";
import { identitiesQuery, identityActs, signInProvidersQuery, useIdentityAct } from "./queries.ts";
import { refusalWords } from "./words.ts";

export function Identities() {
  const { error: refusal } = useSearch({ strict: false }) as { error?: string };
  const query = useQuery(identitiesQuery);
  const { data } = query;
  const { data: providers } = useQuery(signInProvidersQuery);
  const [leaving, setLeaving] = useState<{ id: string; providerName: string }>();
  const link = useMutation({
    mutationFn: identityActs.link,
    gcTime: 0,
    onError: (error) => notify.failed("Not linked", sentence(error)),
  });
  const unlink = useIdentityAct(identityActs.unlink, () => {
    notify.done("Unlinked", "You can no longer sign in with that identity.");
    setLeaving(undefined);
  });
  const identities = data?.items ?? [];
  const linked = new Set(identities.map(({ providerId }) => providerId));
  const others = (providers?.items ?? []).filter(({ id }) => !linked.has(id));
  // Most organizations have no provider, and then there is nothing to tell, not even that it is looked up.
  if (identities.length === 0 && others.length === 0 && !query.error) return null;
  return (
    <section>
      <Title order={2}>Identities</Title>
      <Text size="sm" c="dimmed" mb="xs">
        Accounts at providers of your organization that sign you in here.
      </Text>
      {refusal && (
        <Alert color="red" role="alert" mb="sm">
          {refusalWords(refusal)}
        </Alert>
      )}
      {query.error && <NotYet query={query} failed="Your identities could not be listed" isPart />}
      {identities.length > 0 && (
        <DataTable label="Identities" columns={["Provider", "Account", "Last used", ""]}>
          {identities.map((identity) => (
            <Table.Tr key={identity.id}>
              <Table.Td>{identity.providerName}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{identity.email || "Not shared"}</Table.Td>
              <Table.Td>
                <Ago at={identity.lastUsedAt} />
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  variant="subtle"
                  color="red"
                  size="compact-xs"
                  aria-label={`Unlink ${identity.providerName}`}
                  onClick={() => setLeaving(identity)}
                >
                  Unlink
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
      {others.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default" size="xs" mt="sm" loading={link.isPending || link.isSuccess}>
              Link an identity
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map(({ id, name }) => (
              <Menu.Item key={id} onClick={() => link.mutate(id)}>
                {name}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {leaving && (
        <ConfirmDialog
          title={`Unlink ${leaving.providerName}?`}
          label="Unlink"
          error={unlink.error}
          isPending={unlink.isPending}
          onConfirm={() => unlink.mutate(leaving.id)}
          onClose={() => {
            unlink.reset();
            setLeaving(undefined);
          }}
        >
          <Text size="sm">
            Signing in there will no longer open this account. You need another way to sign in.
          </Text>
        </ConfirmDialog>
      )}
    </section>
  );
}
