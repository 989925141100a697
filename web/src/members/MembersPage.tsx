/** Who is in the workspace, with which role, and who is invited. */
import { Button, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import type { Member } from "../api/types.ts";
import { useMe } from "../auth/me.ts";
import { Ago } from "../ui/Ago.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { notify } from "../ui/notify.ts";
import { Page } from "../ui/Page.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import { LeaveWorkspace } from "../workspace/dialogs.tsx";
import { InviteDialog } from "./InviteDialog.tsx";
import { Invites } from "./Invites.tsx";
import { PersonCell, Role } from "./Person.tsx";
import { memberActs, membersQuery, ROLES, useMemberAct } from "./queries.ts";

/** What somebody who is no owner can give. */
const GIVEN = ROLES.map(({ value, label }) => ({ value, label }));
const CHOICES = [...GIVEN, { value: "owner", label: "Owner" }];

function Row({ member, canManage, onRemove }: { member: Member; canManage: boolean; onRemove: () => void }) {
  const me = useMe();
  const setRole = useMemberAct(memberActs.setRole);
  const isMe = member.userId === me.userId;
  return (
    <Table.Tr>
      <PersonCell person={member} />
      <Table.Td>
        <Role
          label={`Role of ${member.name}`}
          role={member.role}
          choices={me.role === "owner" || member.role === "owner" ? CHOICES : GIVEN}
          canChange={canManage && !isMe}
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
        {(canManage || isMe) && (
          <Button
            variant="subtle"
            color="red"
            size="compact-xs"
            onClick={onRemove}
            aria-label={isMe ? "Leave" : `Remove ${member.name}`}
          >
            {isMe ? "Leave" : "Remove"}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

export default function MembersPage() {
  const me = useMe();
  const query = useInfiniteQuery(membersQuery);
  const { data } = query;
  // `?invite=1` opens the dialog: the palette leads there.
  const { invite } = useSearch({ from: "/inside/settings/members" });
  const navigate = useNavigate({ from: "/settings/members" });
  const setIsInviting = (next: boolean) =>
    void navigate({ search: next ? { invite: 1 } : {}, replace: true });
  const [leaving, setLeaving] = useState<Member>();
  const remove = useMemberAct(memberActs.remove);
  const canManage = me.role === "admin" || me.role === "owner";
  const members = data?.pages.flatMap((page) => page.items) ?? [];
  const leave = () => {
    setLeaving(undefined);
    remove.reset();
  };
  const confirm = (member: Member) =>
    remove.mutate(member.userId, {
      onSuccess: () => {
        notify.done("Removed", `${member.name} has no access to this workspace any more.`);
        leave();
      },
    });
  return (
    <Page
      title="Members"
      lead="Who works in this workspace. Nobody, an owner included, can read a secret."
      actions={
        canManage && (
          <Button leftSection={<UserPlus size={15} aria-hidden />} onClick={() => setIsInviting(true)}>
            Invite people
          </Button>
        )
      }
    >
      <NotYet query={query} failed="The members could not be listed" />
      {data && (
        <Stack gap={32}>
          <section>
            <Title order={2} mb="xs">
              In this workspace
            </Title>
            <DataTable label="Members" columns={["Name", "Role", "Since", ""]}>
              {members.map((member) => (
                <Row
                  key={member.userId}
                  member={member}
                  canManage={canManage}
                  onRemove={() => setLeaving(member)}
                />
              ))}
            </DataTable>
            <ShowMore query={query} />
          </section>
          {canManage && <Invites />}
        </Stack>
      )}
      {invite && canManage && <InviteDialog onClose={() => setIsInviting(false)} />}
      {leaving?.userId === me.userId && me.workspaceId && (
        <LeaveWorkspace id={me.workspaceId} name={me.workspaceName ?? ""} onClose={leave} />
      )}
      {leaving && leaving.userId !== me.userId && (
        <ConfirmDialog
          title={`Remove ${leaving.name}?`}
          label="Remove"
          error={remove.error}
          isPending={remove.isPending}
          onConfirm={() => confirm(leaving)}
          onClose={leave}
        >
          <Text size="sm">
            Personal credentials that belong to this member stop working in this workspace at once.
          </Text>
        </ConfirmDialog>
      )}
    </Page>
  );
}
