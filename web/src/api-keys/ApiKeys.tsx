/** Flero's own API keys: made here, shown once, revoked here. */
import { Button, Group, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { KeySquare, Plus } from "lucide-react";
import { useState } from "react";
import type { ApiKey } from "../api/types.ts";
import { useNames } from "../audit/names.ts";
import { useCan, useMe } from "../auth/me.ts";
import { count } from "../lib/format.ts";
import { Ago } from "../ui/Ago.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { notify } from "../ui/notify.ts";
import { ShowMore } from "../ui/ShowMore.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { NewKeyDialog } from "./NewKeyDialog.tsx";
import { apiKeysQuery, useRevokeApiKey } from "./queries.ts";
import { tellScopes } from "./scopes.ts";

/** A key's state in a word. */
function stateOf(key: ApiKey): string {
  if (key.revokedAt) return "revoked";
  return key.expiresAt && new Date(key.expiresAt) < new Date() ? "expired" : "active";
}

/** What narrows a key beside its scopes. */
function limitsOf({ workflowIds, allowedNetworks }: ApiKey): string[] {
  return [
    ...(workflowIds ? [`Only for ${count(workflowIds.length, "workflow")}`] : []),
    ...(allowedNetworks.length > 0 ? [`Only from ${allowedNetworks.join(", ")}`] : []),
  ];
}

interface RowProps {
  apiKey: ApiKey;
  /** Who made it, where it is somebody else. */
  maker: string | undefined;
  onRevoke: () => void;
}

function Row({ apiKey, maker, onRevoke }: RowProps) {
  const state = stateOf(apiKey);
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={560} size="sm">
          {apiKey.name}
        </Text>
        <Text size="xs" c="dimmed">
          <code style={{ whiteSpace: "nowrap" }}>
            {apiKey.prefix}…{apiKey.lastFour}
          </code>
          {maker && ` · ${maker}`}
        </Text>
      </Table.Td>
      <Table.Td maw={380} title={apiKey.scopes.join(", ")}>
        {tellScopes(apiKey.scopes).map((line) => (
          <div key={line}>{line}</div>
        ))}
        {limitsOf(apiKey).map((line) => (
          <Text key={line} size="xs" c="dimmed">
            {line}
          </Text>
        ))}
      </Table.Td>
      <Table.Td>
        <Ago at={apiKey.lastUsedAt} never="Never" />
      </Table.Td>
      <Table.Td>
        <Ago at={apiKey.expiresAt} never="Never" />
      </Table.Td>
      <Table.Td>
        <StatusPill status={state} />
      </Table.Td>
      <Table.Td ta="right">
        {state !== "revoked" && (
          <Button
            variant="subtle"
            color="red"
            size="compact-xs"
            onClick={onRevoke}
            aria-label={`Revoke ${apiKey.name}`}
          >
            Revoke
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

interface Props {
  /** Whether the form of a new key is open. */
  isNew: boolean;
  onNew: (isNew: boolean) => void;
}

export function ApiKeys({ isNew, onNew }: Props) {
  const query = useInfiniteQuery(apiKeysQuery);
  const { data } = query;
  const me = useMe();
  const { nameOf } = useNames();
  const [ending, setEnding] = useState<ApiKey>();
  const revoke = useRevokeApiKey();
  const canMake = useCan("apiKeys.own");
  const generate = canMake && (
    <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => onNew(true)}>
      Generate new API key
    </Button>
  );

  const leave = () => {
    setEnding(undefined);
    revoke.reset();
  };
  const end = (key: ApiKey) =>
    revoke.mutate(key.id, {
      onSuccess: () => {
        notify.done("Revoked", `${key.name} is not accepted any more.`);
        leave();
      },
    });

  if (!data) return <NotYet query={query} failed="The keys could not be listed" />;
  const keys = data.pages.flatMap((page) => page.items);
  return (
    <>
      {keys.length === 0 ? (
        <EmptyState
          icon={<KeySquare size={20} aria-hidden />}
          title="No API key yet"
          text="A key lets scripts and agents use Flero as you, and never more than you can. It is shown once and stored only as a hash."
          action={generate}
        />
      ) : (
        <>
          <Group justify="space-between" mb="sm" gap="sm">
            <Text size="sm" c="dimmed">
              Sent as <code>Authorization: Bearer flero_…</code>. A key can never do more than its creator.
            </Text>
            {generate}
          </Group>
          <DataTable
            label="API keys"
            columns={["Name", "What it may do", "Last used", "Expires", "Status", ""]}
          >
            {keys.map((key) => (
              <Row
                key={key.id}
                apiKey={key}
                maker={key.creatorId === me.userId ? undefined : nameOf(key.creatorId)}
                onRevoke={() => setEnding(key)}
              />
            ))}
          </DataTable>
        </>
      )}
      <ShowMore query={query} />
      {isNew && canMake && <NewKeyDialog onClose={() => onNew(false)} />}
      {ending && (
        <ConfirmDialog
          title={`Revoke ${ending.name}?`}
          label="Revoke"
          error={revoke.error}
          isPending={revoke.isPending}
          onConfirm={() => end(ending)}
          onClose={leave}
        >
          <Text size="sm">Whatever uses this key stops working at once. This cannot be undone.</Text>
        </ConfirmDialog>
      )}
    </>
  );
}
