/** The invitations that nobody has accepted yet. */
import { Button, Group, Modal, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import { actionLabel } from "../audit/words.ts";
import { Ago } from "../ui/Ago.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { notify } from "../ui/notify.ts";
import { Secret } from "../ui/Secret.tsx";
import { invitesQuery, memberActs, useMemberAct } from "./queries.ts";

export function Invites() {
  const { data } = useInfiniteQuery(invitesQuery);
  const [link, setLink] = useState<{ email: string; url: string }>();
  const takeBack = useMemberAct(memberActs.takeBack);
  const resend = useMemberAct(memberActs.resend);
  const invites = data?.pages.flatMap((page) => page.items) ?? [];
  const failed = { onError: (error: Error) => notify.failed("Not done", sentence(error)) };
  return (
    <>
      {invites.length > 0 && (
        <section>
          <Title order={2} mb="xs">
            Invited
          </Title>
          <DataTable label="Invitations" columns={["Email", "Role", "Ends", ""]}>
            {invites.map((invite) => (
              <Table.Tr key={invite.id}>
                <Table.Td miw={180} style={{ overflowWrap: "anywhere" }}>
                  {invite.email}
                </Table.Td>
                <Table.Td>{actionLabel(invite.role)}</Table.Td>
                <Table.Td>
                  <Ago at={invite.expiresAt} />
                </Table.Td>
                <Table.Td>
                  <Group justify="flex-end" gap={4} wrap="nowrap">
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      aria-label={`New link for ${invite.email}`}
                      onClick={() => resend.mutate(invite.id, { onSuccess: setLink, ...failed })}
                    >
                      New link
                    </Button>
                    <Button
                      variant="subtle"
                      color="red"
                      size="compact-xs"
                      aria-label={`Withdraw the invitation of ${invite.email}`}
                      onClick={() => takeBack.mutate(invite.id, failed)}
                    >
                      Withdraw
                    </Button>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </DataTable>
        </section>
      )}
      <Modal opened={link !== undefined} onClose={() => setLink(undefined)} title="The new link" size="lg">
        <Stack gap="md">
          <Text size="sm">Pass it on to {link?.email}. The former link opens nothing any more.</Text>
          <Secret label="Link" value={link?.url ?? ""} />
        </Stack>
      </Modal>
    </>
  );
}
