/** Settings -> Workspace: its name, a further one, handing it over, and its end. */
import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError, sentence } from "../api/problem.ts";
import { useCan, useMe } from "../auth/me.ts";
import { notify } from "../ui/notify.ts";
import { Page } from "../ui/Page.tsx";
import {
  ArchiveWorkspace,
  DeleteWorkspace,
  LeaveWorkspace,
  NewWorkspaceDialog,
  TransferDialog,
} from "./dialogs.tsx";
import { useWorkspaceAct, workspaceActs } from "./queries.ts";

function Name({ id, name }: { id: string; name: string }) {
  const canWrite = useCan("workspace.write");
  const [typed, setTyped] = useState(name);
  const rename = useWorkspaceAct(workspaceActs.rename, () =>
    notify.done("Saved", "Everybody sees the new name from now on."),
  );
  const wrong = rename.error instanceof ApiError ? rename.error.field("/name") : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate({ id, name: typed });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <TextInput
          label="Name"
          maxLength={120}
          required
          withAsterisk={false}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          readOnly={!canWrite}
          error={wrong ?? (rename.error ? sentence(rename.error) : undefined)}
          flex={1}
          maw={360}
        />
        {canWrite && (
          <Button type="submit" variant="default" loading={rename.isPending} disabled={typed.trim() === name}>
            Save
          </Button>
        )}
      </Group>
    </form>
  );
}

function Act({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <section>
      <Title order={2}>{title}</Title>
      <Text size="sm" c="dimmed" mb="xs">
        {text}
      </Text>
      {children}
    </section>
  );
}

export default function WorkspacePage() {
  const me = useMe();
  const [open, setOpen] = useState<"new" | "transfer" | "leave" | "archive" | "delete">();
  const canCreate = useCan("workspace.create");
  const canHandOver = useCan("members.writeOwner");
  const canLeave = useCan("members.leave");
  const canArchive = useCan("workspace.archive");
  const canEnd = useCan("workspace.end");
  const close = () => setOpen(undefined);
  const { workspaceId: id, workspaceName: name } = me;
  if (!id || !name) return null;
  return (
    <Page
      title="Workspace"
      lead="Its name, its owner and its end. Changes apply to everybody in it."
      width="narrow"
    >
      <Stack gap={36}>
        <Name key={id} id={id} name={name} />
        {canCreate && (
          <Act
            title="Another workspace"
            text="It has members, workflows and credentials of its own. You become its owner."
          >
            <Button variant="default" onClick={() => setOpen("new")}>
              New workspace
            </Button>
          </Act>
        )}
        {canHandOver && (
          <Act
            title="Transfer ownership"
            text="A member becomes owner in your place, and you an admin. Nothing stops working."
          >
            <Button variant="default" onClick={() => setOpen("transfer")}>
              Choose the new owner
            </Button>
          </Act>
        )}
        {canLeave && (
          <Act
            title="Leave this workspace"
            text="You lose your access. The only owner transfers the workspace first."
          >
            <Button variant="default" onClick={() => setOpen("leave")}>
              Leave this workspace
            </Button>
          </Act>
        )}
        {canArchive && (
          <Act
            title="Archive this workspace"
            text="Nothing runs, and everything is kept until you restore it."
          >
            <Button variant="default" onClick={() => setOpen("archive")}>
              Archive this workspace
            </Button>
          </Act>
        )}
        {canEnd && (
          <Act
            title="Delete this workspace"
            text="Only a workspace without workflows and credentials can be deleted."
          >
            <Button variant="light" color="red" onClick={() => setOpen("delete")}>
              Delete this workspace
            </Button>
          </Act>
        )}
      </Stack>
      {open === "new" && <NewWorkspaceDialog onClose={close} />}
      {open === "transfer" && <TransferDialog id={id} onClose={close} />}
      {open === "leave" && <LeaveWorkspace id={id} name={name} onClose={close} />}
      {open === "archive" && <ArchiveWorkspace id={id} name={name} onClose={close} />}
      {open === "delete" && <DeleteWorkspace id={id} name={name} onClose={close} />}
    </Page>
  );
}
