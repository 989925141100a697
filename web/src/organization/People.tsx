/** The people of the organization and their roles in it. */
import { Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import type { Member } from "../api/types.ts";
import { useCan, useMe } from "../auth/me.ts";
import { PersonCell, Role } from "../members/Person.tsx";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { notify } from "../ui/notify.ts";
import { ShowMore } from "../ui/ShowMore.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { Access, RemoveDialog, ShutOutDialog } from "./Access.tsx";
import { organizationActs, organizationMembersQuery, useOrganizationAct } from "./queries.ts";

const ROLES = [
  { value: "member", label: "Member" },
  { value: "admin", label: "Admin" },
  { value: "owner", label: "Owner" },
];

interface RowProps {
  member: Member;
  onShutOut: () => void;
  onRemove: () => void;
}

function Row({ member, onShutOut, onRemove }: RowProps) {
  const me = useMe();
  const canChange = useCan("organization.membersWrite") && member.userId !== me.userId;
  const setRole = useOrganizationAct(organizationActs.setRole);
  return (
    <Table.Tr>
      <PersonCell person={member}>{member.deactivatedAt && <StatusPill status="shutOut" />}</PersonCell>
      <Table.Td>
        <Role
          label={`Role of ${member.name} in the organization`}
          role={member.role}
          choices={ROLES}
          canChange={canChange && !member.deactivatedAt}
          isPending={setRole.isPending}
          onChange={(role) =>
            setRole.mutate(
              { userId: member.userId, role },
              { onError: (error) => notify.failed("Not changed", sentence(error)) },
            )
          }
        />
      </Table.Td>
      <Table.Td>
        <Ago at={member.since} />
      </Table.Td>
      <Table.Td ta="right">
        {canChange && <Access member={member} onShutOut={onShutOut} onRemove={onRemove} />}
      </Table.Td>
    </Table.Tr>
  );
}

export function People() {
  const query = useInfiniteQuery(organizationMembersQuery);
  const { data } = query;
  const [opened, setOpened] = useState<{ kind: "shutOut" | "remove"; member: Member }>();
  const close = () => setOpened(undefined);
  return (
    <section>
      <Title order={2}>People</Title>
      <Text size="sm" c="dimmed" mb="xs">
        Admins look after the organization's credentials and workspaces; the owner also after its policies. No
        role here opens a workspace that somebody is no member of.
      </Text>
      <NotYet query={query} failed="The people could not be listed" isPart />
      {data && (
        <DataTable label="People of the organization" columns={["Name", "Role", "Since", ""]}>
          {data.pages
            .flatMap((page) => page.items)
            .map((member) => (
              <Row
                key={member.userId}
                member={member}
                onShutOut={() => setOpened({ kind: "shutOut", member })}
                onRemove={() => setOpened({ kind: "remove", member })}
              />
            ))}
        </DataTable>
      )}
      <ShowMore query={query} />
      {opened?.kind === "shutOut" && <ShutOutDialog member={opened.member} onClose={close} />}
      {opened?.kind === "remove" && <RemoveDialog member={opened.member} onClose={close} />}
    </section>
  );
}
