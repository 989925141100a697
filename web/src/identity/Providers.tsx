/** Settings -> Organization: the OpenID providers with which people sign in. */
import { Button, Group, Switch, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import { useCan } from "../auth/me.ts";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { notify } from "../ui/notify.ts";
import { SectionHead } from "../ui/SectionHead.tsx";
import { ProviderDialog } from "./ProviderDialog.tsx";
import { type IdentityProvider, providerActs, providersQuery, useIdentityAct } from "./queries.ts";

interface RowProps {
  provider: IdentityProvider;
  canWrite: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

function Row({ provider, canWrite, onEdit, onRemove }: RowProps) {
  const { id, name, issuer, isEnabled } = provider;
  const toggle = useIdentityAct(providerActs.change);
  return (
    <Table.Tr>
      <Table.Td miw={180} style={{ overflowWrap: "anywhere" }}>
        <Text size="sm" fw={560}>
          {name}
        </Text>
        <Text size="xs" c="dimmed">
          {issuer}
        </Text>
      </Table.Td>
      <Table.Td>
        <Switch
          aria-label={`${name} signs people in`}
          checked={isEnabled}
          disabled={!canWrite || toggle.isPending}
          onChange={(event) =>
            toggle.mutate(
              { id, body: { isEnabled: event.currentTarget.checked } },
              { onError: (error) => notify.failed("Not changed", sentence(error)) },
            )
          }
        />
      </Table.Td>
      <Table.Td>
        {canWrite && (
          <Group justify="flex-end" gap={4} wrap="nowrap">
            <Button variant="subtle" size="compact-xs" aria-label={`Edit ${name}`} onClick={onEdit}>
              Edit
            </Button>
            <Button
              variant="subtle"
              color="red"
              size="compact-xs"
              aria-label={`Remove ${name}`}
              onClick={onRemove}
            >
              Remove
            </Button>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

export function Providers() {
  const canWrite = useCan("identityProviders.write");
  const query = useQuery(providersQuery);
  const { data } = query;
  const [edited, setEdited] = useState<IdentityProvider | "new">();
  const [leaving, setLeaving] = useState<IdentityProvider>();
  const remove = useIdentityAct(providerActs.remove, () => {
    notify.done("Removed", "Nobody signs in there any more. Accounts and memberships stay.");
    setLeaving(undefined);
  });
  const providers = data?.items ?? [];
  return (
    <section>
      <SectionHead
        title="Sign-in providers"
        action={
          canWrite && (
            <Button
              variant="default"
              size="xs"
              leftSection={<Plus size={14} aria-hidden />}
              onClick={() => setEdited("new")}
            >
              Add a provider
            </Button>
          )
        }
      >
        People sign in with an account at an OpenID provider, such as Okta, Entra, Google or Keycloak.
      </SectionHead>
      <NotYet query={query} failed="The providers could not be listed" isPart />
      {data && providers.length === 0 && <Text size="sm">None yet.</Text>}
      {providers.length > 0 && (
        <DataTable label="Sign-in providers" columns={["Provider", "On", ""]}>
          {providers.map((provider) => (
            <Row
              key={provider.id}
              provider={provider}
              canWrite={canWrite}
              onEdit={() => setEdited(provider)}
              onRemove={() => setLeaving(provider)}
            />
          ))}
        </DataTable>
      )}
      {edited && (
        <ProviderDialog
          provider={edited === "new" ? undefined : edited}
          onClose={() => setEdited(undefined)}
        />
      )}
      {leaving && (
        <ConfirmDialog
          title={`Remove ${leaving.name}?`}
          label="Remove"
          error={remove.error}
          isPending={remove.isPending}
          onConfirm={() => remove.mutate(leaving.id)}
          onClose={() => {
            remove.reset();
            setLeaving(undefined);
          }}
        >
          <Text size="sm">
            Its identities are unlinked: whoever has no password and no passkey cannot sign in any more.
            Accounts and memberships stay.
          </Text>
        </ConfirmDialog>
      )}
    </section>
  );
}
