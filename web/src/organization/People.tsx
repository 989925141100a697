/** The people of the organization and their roles in it. */
import { Select, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { sentence } from "../api/problem.ts";
import type { Member } from "../api/types.ts";
import { useCan, useMe } from "../auth/me.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { notify } from "../ui/notify.ts";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import { organizationActs, organizationMembersQuery, useOrganizationAct } from "./queries.ts";

const ROLES = [
  { value: "member", label: "Member" },
  { value: "admin", label: "Admin" },
  { value: "owner", label: "Owner" },
];

function Row({ member }: { member: Member }) {
  const me = useMe();
  const canChange = useCan("organization.membersWrite") && member.userId !== me.userId;
  const setRole = useOrganizationAct(organizationActs.setRole);
  return (
    <Table.Tr>
      <Table.Td miw={180} style={{ overflowWrap: "anywhere" }}>
        <Text size="sm" fw={560}>
          {member.name}
          {member.userId === me.userId && " (you)"}
        </Text>
        <Text size="xs" c="dimmed">
          {member.email}
        </Text>
      </Table.Td>
      <Table.Td>
        {canChange ? (
          <Select
            aria-label={`Role of ${member.name} in the organization`}
            size="xs"
            w={120}
            data={ROLES}
            value={member.role}
            allowDeselect={false}
            disabled={setRole.isPending}
            onChange={(role) =>
              role &&
              setRole.mutate(
                { userId: member.userId, role },
                { onError: (error) => notify.failed("Not changed", sentence(error)) },
              )
            }
          />
        ) : (
          ROLES.find((role) => role.value === member.role)?.label
        )}
      </Table.Td>
      <Table.Td>
        <Ago at={member.since} />
      </Table.Td>
    </Table.Tr>
  );
}

export function People() {
  const query = useInfiniteQuery(organizationMembersQuery);
  const { data, error } = query;
  return (
    <section>
      <Title order={2}>People</Title>
      <Text size="sm" c="dimmed" mb="xs">
        Admins look after the organization's credentials and workspaces; the owner also after its policies. No
        role here opens a workspace that somebody is no member of.
      </Text>
      {error && !data && (
        <EmptyState role="alert" title="The people could not be listed" text={sentence(error)} />
      )}
      {!data && !error && <ScreenLoader />}
      {data && (
        <DataTable label="People of the organization" columns={["Name", "Role", "Since"]}>
          {data.pages
            .flatMap((page) => page.items)
            .map((member) => (
              <Row key={member.userId} member={member} />
            ))}
        </DataTable>
      )}
      <ShowMore query={query} />
    </section>
  );
}
