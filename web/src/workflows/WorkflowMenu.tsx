/** What can be done with a workflow of the list, besides opening it. */
import { ActionIcon, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Archive, ArchiveRestore, Copy, Download, Ellipsis, ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import { useCan, useMe } from "../auth/me.ts";
import { loadWorkflow, setStatus } from "../editor/session/api.ts";
import { notify } from "../ui/notify.ts";
import { DeleteWorkflow } from "./DeleteWorkflow.tsx";
import { makeWorkflow, saveAsFile } from "./file.ts";
import type { WorkflowSummary } from "./queries.ts";

/** The longest name that the server takes. */
const MOST_NAME = 120;

/** The name of a copy. */
const copyName = (name: string): string => `Copy of ${name}`.slice(0, MOST_NAME);

export function WorkflowMenu({ workflow }: { workflow: WorkflowSummary }) {
  const { id, name, status } = workflow;
  const me = useMe();
  const canMake = useCan("workflows.create");
  const canWrite = useCan("workflows.write");
  const canDeleteOwn = useCan("workflows.deleteOwn");
  const canDelete = useCan("workflows.delete") || (canDeleteOwn && workflow.ownerId === me.userId);
  const [isDeleting, setIsDeleting] = useState(false);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: (what: () => Promise<unknown>) => what(),
    onError: (error) => notify.failed("Nothing was changed", sentence(error)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["workflows"] }),
  });
  const duplicate = async () => {
    const { document } = await loadWorkflow(id);
    const made = await makeWorkflow({ ...document, name: copyName(document.name) });
    await navigate({ to: "/workflows/$workflowId", params: { workflowId: made.id } });
  };
  const become = (next: "archived" | "draft", title: string, message: string) => async () => {
    await setStatus(id, next);
    notify.done(title, message);
  };
  const isArchived = status === "archived";
  return (
    <>
      <Menu width={210} position="bottom-end">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Actions for ${name}`}
            loading={act.isPending}
          >
            <Ellipsis size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<ScrollText size={14} aria-hidden />}
            onClick={() => void navigate({ to: "/logs", search: { workflowId: id } })}
          >
            Executions
          </Menu.Item>
          {canMake && (
            <Menu.Item leftSection={<Copy size={14} aria-hidden />} onClick={() => act.mutate(duplicate)}>
              Duplicate
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<Download size={14} aria-hidden />}
            onClick={() => act.mutate(async () => saveAsFile((await loadWorkflow(id)).document))}
          >
            Save as a file
          </Menu.Item>
          {canWrite && isArchived && (
            <Menu.Item
              leftSection={<ArchiveRestore size={14} aria-hidden />}
              onClick={() => act.mutate(become("draft", "Restored", `${name} is a draft again.`))}
            >
              Restore
            </Menu.Item>
          )}
          {canWrite && (status === "draft" || status === "inactive") && (
            <Menu.Item
              leftSection={<Archive size={14} aria-hidden />}
              onClick={() =>
                act.mutate(become("archived", "Archived", `${name} can be restored for 30 days.`))
              }
            >
              Archive
            </Menu.Item>
          )}
          {canDelete && (
            <>
              <Menu.Divider />
              <Menu.Item
                color="red"
                leftSection={<Trash2 size={14} aria-hidden />}
                onClick={() => setIsDeleting(true)}
              >
                Delete
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {isDeleting && <DeleteWorkflow workflow={workflow} onClose={() => setIsDeleting(false)} />}
    </>
  );
}
