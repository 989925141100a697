/** Invites people; each link is shown once, to be passed on. */
import { Button, Group, Modal, Stack, TagsInput, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/problem.ts";
import { ChoiceCards } from "../credentials/ChoiceCards.tsx";
import { FormFoot } from "../ui/FormFoot.tsx";
import { Secret } from "../ui/Secret.tsx";
import { memberActs, ROLES, useMemberAct } from "./queries.ts";

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const [emails, setEmails] = useState<string[]>([]);
  const [role, setRole] = useState("editor");
  const invite = useMemberAct(memberActs.invite);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate({ emails, role });
  };
  if (invite.data) {
    return (
      <Modal opened onClose={onClose} title="Pass the links on" closeOnClickOutside={false} size="lg">
        <Stack gap="md">
          <Text size="sm">Each works once, for that address, for seven days. They are shown this once.</Text>
          {invite.data.items.map(({ email, url }) => (
            <div key={email}>
              <Text size="sm" fw={560} mb={4}>
                {email}
              </Text>
              <Secret label={`Link for ${email}`} value={url} />
            </div>
          ))}
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title="Invite people">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TagsInput
            label="Email addresses"
            placeholder={emails.length === 0 ? "grace@example.com" : ""}
            value={emails}
            onChange={setEmails}
            splitChars={[",", " ", ";", "\n"]}
            acceptValueOnBlur
            error={
              invite.error instanceof ApiError
                ? invite.error.list("/emails", invite.variables?.emails)
                : undefined
            }
            data={[]}
            data-autofocus
          />
          <ChoiceCards label="Role" columns={1} value={role} options={ROLES} onChange={setRole} />
          <FormFoot
            label="Invite"
            error={invite.error}
            isPending={invite.isPending}
            disabled={emails.length === 0}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
