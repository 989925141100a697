/** What can be done with several nodes at once, while several are selected. */

import { ActionIcon, Tooltip } from "@mantine/core";
import { Panel } from "@xyflow/react";
import { CopyPlus, LayoutDashboard, Power, Trash2 } from "lucide-react";
import { MOD } from "../../lib/keys.ts";
import { deleteSelected } from "../keyboard.ts";
import { fragmentOf, paste } from "../model/clipboard.ts";
import * as commands from "../model/commands.ts";
import { layOut } from "../model/layout.ts";
import { useLive } from "../session/live.ts";
import { useSession } from "../session/session.tsx";
import classes from "./SelectionBar.module.css";

export function SelectionBar() {
  const session = useSession();
  const { store } = session;
  const nodes = useLive(store, (state) => state.selection.nodes);
  if (nodes.size < 2) return null;
  const acts = [
    {
      label: "Duplicate",
      keys: `${MOD} D`,
      icon: CopyPlus,
      act: () => void store.add({ label: "Duplicate" }, (doc) => paste(doc, fragmentOf(doc, nodes))),
    },
    {
      label: "Tidy up",
      keys: "L",
      icon: LayoutDashboard,
      act: () => void store.run({ label: "Tidy up" }, (doc) => commands.moveNodes(doc, layOut(doc, nodes))),
    },
    {
      label: "Switch off or on",
      keys: "D",
      icon: Power,
      act: () =>
        void store.run({ label: "Switch nodes off or on" }, (doc) => commands.toggleDisabled(doc, nodes)),
    },
    { label: "Delete", keys: "Delete", icon: Trash2, act: () => deleteSelected(session) },
  ];
  return (
    <Panel position="bottom-center">
      <div className={classes.bar} role="toolbar" aria-label="Selected nodes">
        <span className={classes.count}>{nodes.size} selected</span>
        {acts.map(({ label, keys, icon: Icon, act }) => (
          <Tooltip key={label} label={`${label} (${keys})`}>
            <ActionIcon
              variant="subtle"
              color={label === "Delete" ? "red" : "gray"}
              aria-label={`${label}: ${nodes.size} nodes`}
              onClick={act}
            >
              <Icon size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        ))}
      </div>
    </Panel>
  );
}
