/** What a service is asked to allow, each with the reason. */
import { Table } from "@mantine/core";
import { DataTable } from "../ui/DataTable.tsx";
import type { Connector } from "./types.ts";

export function Permissions({ connector }: { connector: Connector }) {
  const optional = new Set(
    connector.auth
      .flatMap((kind) => kind.oauth?.permissions ?? [])
      .flatMap((one) => (one.optional ? [one.scope] : [])),
  );
  return (
    <DataTable label="Permissions" columns={["Permission", "Why", "Asked for"]}>
      {Object.entries(connector.permissions).map(([scope, reason]) => (
        <Table.Tr key={scope}>
          <Table.Td>
            <code>{scope}</code>
          </Table.Td>
          <Table.Td>{reason}</Table.Td>
          <Table.Td>{optional.has(scope) ? "If you tick it" : "Always"}</Table.Td>
        </Table.Tr>
      ))}
    </DataTable>
  );
}
