/** Which workspace one is in, and the way to another. */
import { Menu, UnstyledButton } from "@mantine/core";
import { Check, ChevronsUpDown, Plus, Settings2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Me } from "../api/types.ts";
import { useMe } from "../auth/me.ts";
import { useEnterWorkspace } from "../auth/use-workspace.ts";
import { LinkMenuItem } from "../ui/links.tsx";
import { Monogram } from "../ui/Monogram.tsx";
import classes from "./Sidebar.module.css";

const NewWorkspaceDialog = lazy(async () => ({
  default: (await import("../workspace/dialogs.tsx")).NewWorkspaceDialog,
}));

/** `admin` as `Admin`. */
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

function Current({ me }: { me: Me }) {
  return (
    <>
      <Monogram name={me.workspaceName ?? "?"} size={28} />
      <span className={classes.words}>
        <span className={classes.name}>{me.workspaceName ?? "No workspace"}</span>
        <span className={classes.hint}>{me.role ? capital(me.role) : "Ask for an invitation"}</span>
      </span>
    </>
  );
}

export function WorkspaceSwitcher() {
  const me = useMe();
  const enter = useEnterWorkspace();

  const canCreate = me.permissions.includes("workspace.create");
  const [isMaking, setIsMaking] = useState(false);

  if (me.workspaces.length < 2 && !canCreate) {
    return (
      <div className={classes.person} data-static>
        <Current me={me} />
      </div>
    );
  }
  return (
    <>
      <Menu position="bottom-start" width={240}>
        <Menu.Target>
          <UnstyledButton className={classes.person}>
            <Current me={me} />
            <ChevronsUpDown size={14} aria-hidden className={classes.chevron} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Workspaces</Menu.Label>
          {me.workspaces.map((workspace) => (
            <Menu.Item
              key={workspace.id}
              aria-current={workspace.id === me.workspaceId ? "true" : undefined}
              leftSection={<Monogram name={workspace.name} size={20} />}
              rightSection={workspace.id === me.workspaceId ? <Check size={14} aria-hidden /> : undefined}
              onClick={() => void enter(workspace.id)}
            >
              {workspace.name}
              {workspace.archivedAt && <div className={classes.hint}>Archived</div>}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <LinkMenuItem to="/settings/workspace" leftSection={<Settings2 size={14} aria-hidden />}>
            Workspace settings
          </LinkMenuItem>
          {canCreate && (
            <Menu.Item leftSection={<Plus size={14} aria-hidden />} onClick={() => setIsMaking(true)}>
              New workspace
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isMaking && (
        <Suspense>
          <NewWorkspaceDialog onClose={() => setIsMaking(false)} />
        </Suspense>
      )}
    </>
  );
}
