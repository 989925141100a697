/** The keys below the root key, with their versions. */
import { Progress, Table, Text, Title } from "@mantine/core";
import { useMe } from "../auth/me.ts";
import { count } from "../lib/format.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import type { ScopeKey, Vault } from "./queries.ts";
import { isAlive, moved, versionState } from "./words.ts";

/** The name of what a key belongs to, where the reader is a member; else its identifier. */
function useScopeName(): (key: ScopeKey) => string {
  const me = useMe();
  return ({ scope, id }) =>
    scope === "organization"
      ? "Organization"
      : (me.workspaces.find((workspace) => workspace.id === id)?.name ?? id);
}

function Rotation({ entry }: { entry: ScopeKey }) {
  const part = moved(entry.versions);
  if (part === undefined) return null;
  const percent = Math.floor(part * 100);
  return (
    <>
      <Progress value={percent} size="sm" mt={6} aria-label="Secrets under the new version" />
      <Text size="xs" c="dimmed">
        {percent} % of the secrets are under the new version
      </Text>
    </>
  );
}

export function Keys({ vault }: { vault: Vault }) {
  const nameOf = useScopeName();
  return (
    <section>
      <Title order={2}>Keys</Title>
      <Text size="sm" c="dimmed" mb="xs">
        One for the organization, for each workspace and for each member's own credentials. They are
        exchanged, with every secret sealed anew, by <code>flero vault rotate scope</code> while the server
        runs.
      </Text>
      <DataTable label="Keys" columns={["Belongs to", "Version", "State", "Since", "Secrets"]}>
        {vault.keys.flatMap((entry) =>
          entry.versions.filter(isAlive).map((version, at) => (
            <Table.Tr key={`${entry.id} ${version.version}`}>
              <Table.Td miw={160} maw={280} style={{ overflowWrap: "anywhere" }}>
                {at === 0 && (
                  <>
                    <Text size="sm" fw={540}>
                      {nameOf(entry)}
                    </Text>
                    {!entry.opens && <StatusPill status="doesNotOpen" />}
                    <Rotation entry={entry} />
                  </>
                )}
              </Table.Td>
              <Table.Td>{version.version}</Table.Td>
              <Table.Td style={{ whiteSpace: "nowrap" }}>{versionState(version.state)}</Table.Td>
              <Table.Td>
                <Ago at={version.since} />
              </Table.Td>
              <Table.Td>{version.secrets.toLocaleString()}</Table.Td>
            </Table.Tr>
          )),
        )}
      </DataTable>
      <Text size="sm" c="dimmed" mt="xs">
        {count(vault.personalKeys, "key")} of single people beside them
        {vault.personalKeysClosed > 0 && `, ${vault.personalKeysClosed} of which do not open`}. Whose they are
        is not shown.
      </Text>
    </section>
  );
}
