/** The people of the organization and their roles in it. */
import { Button, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import type { Member } from "../api/types.ts";
import { useCan, useMe } from "../auth/me.ts";
import { PersonCell, Role } from "../members/Person.tsx";
import { Ago } from "../ui/Ago.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { notify } from "../ui/notify.ts";
import { ShowMore } from "../ui/ShowMore.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { organizationActs, organizationMembersQuery, useOrganizationAct } from "./queries.ts";

const ROLES = [
  { value: "member", label: "Member" },
  { value: "admin", label: "Admin" },
  { value: "owner", label: "Owner" },
];

/** Shutting somebody out is asked about, letting them in again is not: nothing is lost by either. */
function Access({ member, onShutOut }: { member: Member; onShutOut: () => void }) {
  const reactivate = useOrganizationAct(organizationActs.reactivate, () =>
    notify.done("Let in again", `${member.name} has their roles again.`),
  );
  if (!member.deactivatedAt) {
    return (
      <Button
        variant="subtle"
        color="red"
        size="compact-xs"
        aria-label={`Shut out ${member.name}`}
        onClick={onShutOut}
      >
        Shut out
      </Button>
    );
  }
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      aria-label={`Let in again: ${member.name}`}
      loading={reactivate.isPending}
      onClick={() =>
        reactivate.mutate(member.userId, {
          onError: (error) => notify.failed("Not let in", sentence(error)),
        })
      }
    >
      Let in again
    </Button>
  );
}

function ShutOutDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const deactivate = useOrganizationAct(organizationActs.deactivate, () => {
    notify.done("Shut out", `${member.name} has no access to the organization any more.`);
    onClose();
  });
  return (
    <ConfirmDialog
      title={`Shut ${member.name} out?`}
      label="Shut out"
      error={deactivate.error}
      isPending={deactivate.isPending}
      onConfirm={() => deactivate.mutate(member.userId)}
      onClose={onClose}
    >
      <Text size="sm">
        Their sessions end, their API keys are refused, and nothing uses their Personal credentials. What they
        have is kept, and is theirs again once you let them in.
      </Text>
    </ConfirmDialog>
  );
}

function Row({ member, onShutOut }: { member: Member; onShutOut: () => void }) {
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
      <Table.Td ta="right">{canChange && <Access member={member} onShutOut={onShutOut} />}</Table.Td>
    </Table.Tr>
  );
}

export function People() {
  const query = useInfiniteQuery(organizationMembersQuery);
  const { data } = query;
  const [leaving, setLeaving] = useState<Member>();
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
              <Row key={member.userId} member={member} onShutOut={() => setLeaving(member)} />
            ))}
        </DataTable>
      )}
      <ShowMore query={query} />
      {leaving && <ShutOutDialog member={leaving} onClose={() => setLeaving(undefined)} />}
    </section>
  );
}
