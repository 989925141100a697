/** The apps that the workspace shares, with what can be done with each. */
import { ActionIcon, Group, Table, Text, Tooltip } from "@mantine/core";
import { RotateCw, Trash2 } from "lucide-react";
import type { OauthApp } from "../api/types.ts";
import { ServiceTile } from "../credentials/service/ServiceTile.tsx";
import { useServiceName } from "../credentials/service/use-service-name.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { levelLabel } from "./levels.ts";
import { clientIdOf } from "./queries.ts";

interface Props {
  readonly apps: readonly OauthApp[];
  readonly mayChange: (app: OauthApp) => boolean;
  readonly onReplace: (app: OauthApp) => void;
  readonly onRemove: (app: OauthApp) => void;
}

function Row({ app, mayChange, onReplace, onRemove }: { readonly app: OauthApp } & Omit<Props, "apps">) {
  const name = useServiceName(app.service);
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={10} wrap="nowrap">
          <ServiceTile id={app.service} name={name} size={26} />
          <Text size="sm" fw={560} miw="6rem">
            {name}
          </Text>
        </Group>
      </Table.Td>
      <Table.Td>{levelLabel(app.level)}</Table.Td>
      <Table.Td miw="11rem" maw="20rem" style={{ overflowWrap: "anywhere" }}>
        <code>{clientIdOf(app)}</code>
        <Text size="xs" c="dimmed">
          {app.secretFields.length > 0 ? "Its secret is in the vault" : "Public client, without a secret"}
        </Text>
      </Table.Td>
      <Table.Td maw="16rem" style={{ overflowWrap: "anywhere" }}>
        {app.allowedHosts.join(", ")}
      </Table.Td>
      <Table.Td>
        <Ago at={app.updatedAt} />
      </Table.Td>
      <Table.Td ta="right">
        {mayChange(app) && (
          <Group gap={2} wrap="nowrap" justify="flex-end">
            <Tooltip label="Replace the client">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Replace the client of ${name}`}
                onClick={() => onReplace(app)}
              >
                <RotateCw size={15} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Remove">
              <ActionIcon
                variant="subtle"
                color="red"
                aria-label={`Remove the app of ${name}`}
                onClick={() => onRemove(app)}
              >
                <Trash2 size={15} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

export function AppsTable({ apps, ...acts }: Props) {
  return (
    <DataTable
      label="OAuth apps"
      columns={["Service", "Shared with", "Client ID", "Secret goes to", "Changed", ""]}
    >
      {apps.map((app) => (
        <Row key={app.id} app={app} {...acts} />
      ))}
    </DataTable>
  );
}
