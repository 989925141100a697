/** The key slots: each is one way to the root key. */
import { Table, Text, Title } from "@mantine/core";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import type { KeySlot } from "./queries.ts";
import { providerWords } from "./words.ts";

export function Slots({ slots }: { slots: KeySlot[] }) {
  return (
    <section>
      <Title order={2}>Key slots</Title>
      <Text size="sm" c="dimmed" mb="xs">
        Any one of their keys opens the vault, and without all of them nobody can. Slots are added and removed
        on the server with <code>flero vault slots</code>.
      </Text>
      <DataTable label="Key slots" columns={["Key", "Which", "Made", "Last opened", "State"]}>
        {slots.map((slot) => {
          const [name, hint] = providerWords(slot.provider);
          return (
            <Table.Tr key={slot.id}>
              <Table.Td miw={200}>
                <Text size="sm" fw={540}>
                  {name}
                </Text>
                <Text size="xs" c="dimmed">
                  {hint}
                </Text>
              </Table.Td>
              <Table.Td miw={160} maw={260} style={{ overflowWrap: "anywhere" }}>
                <Text component="code" size="xs">
                  {slot.keyId}
                </Text>
              </Table.Td>
              <Table.Td>
                <Ago at={slot.createdAt} />
              </Table.Td>
              <Table.Td>
                <Ago at={slot.lastVerifiedAt} never="Not yet" />
              </Table.Td>
              <Table.Td>
                <StatusPill status={slot.opensHere ? "opensHere" : "keyElsewhere"} />
              </Table.Td>
            </Table.Tr>
          );
        })}
      </DataTable>
    </section>
  );
}
