/** The dialogs of the workspace's settings. */
import { Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/problem.ts";
import { useMe } from "../auth/me.ts";
import { useEnterWorkspace, useExitWorkspace } from "../auth/use-workspace.ts";
import { memberActs, membersQuery } from "../members/queries.ts";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { FormFoot } from "../ui/FormFoot.tsx";
import { notify } from "../ui/notify.ts";
import { useWorkspaceAct, workspaceActs } from "./queries.ts";

interface Props {
  onClose: () => void;
}

export function NewWorkspaceDialog({ onClose }: Props) {
  const [name, setName] = useState("");
  const enter = useEnterWorkspace();
  const create = useWorkspaceAct(workspaceActs.create, async (made) => {
    await enter(made.id);
    onClose();
  });
  const wrong = create.error instanceof ApiError ? create.error.field("/name") : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(name);
  };
  return (
    <Modal opened onClose={onClose} title="New workspace">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            placeholder="Finance"
            maxLength={120}
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={wrong}
            data-autofocus
          />
          <FormFoot
            label="Create"
            error={wrong ? null : create.error}
            isPending={create.isPending}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}

export function TransferDialog({ id, onClose }: Props & { id: string }) {
  const me = useMe();
  const { data } = useInfiniteQuery(membersQuery);
  const [userId, setUserId] = useState<string | null>(null);
  const transfer = useWorkspaceAct(workspaceActs.transfer, () => {
    notify.done("Handed over", "You are an admin of this workspace now.");
    onClose();
  });
  const others = (data?.pages.flatMap((page) => page.items) ?? []).filter(
    (member) => member.userId !== me.userId,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (userId) transfer.mutate({ id, userId });
  };
  return (
    <Modal opened onClose={onClose} title="Hand this workspace over">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            The new owner can do everything here, your removal included. You stay as an admin until then.
          </Text>
          <Select
            label="New owner"
            placeholder={others.length > 0 ? "Choose a member" : "Invite somebody first"}
            data={others.map(({ userId: value, name, email }) => ({ value, label: `${name} (${email})` }))}
            searchable
            value={userId}
            onChange={setUserId}
            data-autofocus
          />
          <FormFoot
            label="Hand over"
            error={transfer.error}
            isPending={transfer.isPending}
            disabled={!userId}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}

export function DeleteWorkspace({ id, name, onClose }: Props & { id: string; name: string }) {
  const exit = useExitWorkspace();
  const remove = useWorkspaceAct(workspaceActs.remove, async () => {
    notify.done("Deleted", `${name} is gone.`);
    onClose();
    await exit(id);
  });
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      label="Delete"
      typed={name}
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={(confirm) => remove.mutate({ id, confirm })}
      onClose={onClose}
    >
      <Text size="sm">
        Its members lose their access, and its settings and executions are removed for good.
      </Text>
    </ConfirmDialog>
  );
}

export function LeaveWorkspace({ id, name, onClose }: Props & { id: string; name: string }) {
  const me = useMe();
  const exit = useExitWorkspace();
  const leave = useWorkspaceAct(memberActs.remove, async () => {
    notify.done("You left", `You have no access to ${name} any more.`);
    onClose();
    await exit(id);
  });
  return (
    <ConfirmDialog
      title={`Leave ${name}?`}
      label="Leave"
      error={leave.error}
      isPending={leave.isPending}
      onConfirm={() => leave.mutate(me.userId)}
      onClose={onClose}
    >
      <Text size="sm">
        Your Personal credentials here stop working at once, and your API keys of this workspace are refused.
        Coming back needs an invitation.
      </Text>
    </ConfirmDialog>
  );
}

export function ArchiveWorkspace({ id, name, onClose }: Props & { id: string; name: string }) {
  const archive = useWorkspaceAct(workspaceActs.archive, () => {
    notify.done("Archived", "Everything is kept. You can restore it at any time.");
    onClose();
  });
  return (
    <ConfirmDialog
      title={`Archive ${name}?`}
      label="Archive"
      error={archive.error}
      isPending={archive.isPending}
      onConfirm={() => archive.mutate(id)}
      onClose={onClose}
    >
      <Text size="sm">
        Its triggers stop at once, and everybody in it, you included, can only look until you restore it.
        Nothing is removed; webhook paths are kept. After restoring, each workflow is activated anew.
      </Text>
    </ConfirmDialog>
  );
}
