/** Which workspace one is in, and the way to another. */
import { Menu, UnstyledButton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Check, ChevronsUpDown } from "lucide-react";
import type { Me } from "../api/types.ts";
import { meQuery, useMe } from "../auth/me.ts";
import { chooseWorkspace } from "../auth/workspace.ts";
import { Monogram } from "../ui/Monogram.tsx";
import classes from "./Sidebar.module.css";

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
  const queryClient = useQueryClient();
  const navigate = useNavigate();

  const change = async (id: string) => {
    chooseWorkspace(id);
    await navigate({ to: "/workflows" });
    queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
    await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    await queryClient.refetchQueries({ type: "active" });
  };

  if (me.workspaces.length < 2) {
    return (
      <div className={classes.person} data-static>
        <Current me={me} />
      </div>
    );
  }
  return (
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
            role="menuitemradio"
            aria-checked={workspace.id === me.workspaceId}
            leftSection={<Monogram name={workspace.name} size={20} />}
            rightSection={workspace.id === me.workspaceId ? <Check size={14} aria-hidden /> : undefined}
            onClick={() => change(workspace.id)}
          >
            {workspace.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
