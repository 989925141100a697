/** Does what a command of the palette says. */
import { useMantineColorScheme } from "@mantine/core";
import { useSignOut } from "../auth/use-sign-out.ts";
import { useEnterWorkspace } from "../auth/use-workspace.ts";
import { useNewWorkflow } from "../workflows/use-new-workflow.ts";
import type { Deed } from "./commands.ts";

export function useDeeds(openShortcuts: () => void): (deed: Deed) => void {
  const make = useNewWorkflow();
  const enter = useEnterWorkspace();
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  return (deed) => {
    if (deed.kind === "newWorkflow") make.mutate();
    else if (deed.kind === "scheme") setColorScheme(deed.scheme);
    else if (deed.kind === "workspace") void enter(deed.id);
    else if (deed.kind === "shortcuts") openShortcuts();
    else void signOut();
  };
}
