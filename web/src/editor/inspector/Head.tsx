/** The head of a node's panel: icon, name, and what can be done with the node. */

import { ActionIcon, Menu, Tooltip, VisuallyHidden } from "@mantine/core";
import { CopyPlus, EllipsisVertical, FlaskConical, Power, Trash2, X } from "lucide-react";
import { useEffect, useState } from "react";
import { ServiceName } from "../../credentials/service/ServiceName.tsx";
import { HelpLink } from "../../ui/HelpLink.tsx";
import { NodeIcon } from "../icons.tsx";
import { fragmentOf, paste } from "../model/clipboard.ts";
import * as commands from "../model/commands.ts";
import type { WorkflowNode } from "../model/document.ts";
import { describe } from "../model/nodeTypes.ts";
import { useLive } from "../session/live.ts";
import { useSession } from "../session/session.tsx";
import classes from "./Inspector.module.css";

interface Props {
  readonly node: WorkflowNode;
  readonly onTest: () => void;
  readonly onClose: () => void;
}

/** The head of a node's panel. */
export function Head({ node, onTest, onClose }: Props) {
  const session = useSession();
  const type = describe(node.type);
  const going = useLive(session.runs.state, (state) => state.going);
  const act = (label: string, command: Parameters<typeof session.store.run>[1]) =>
    session.store.run({ label }, command);
  const duplicate = () =>
    session.store.add({ label: "Duplicate" }, (doc) => paste(doc, fragmentOf(doc, new Set([node.id]))));
  return (
    <header className={classes.head}>
      <VisuallyHidden component="h2">Node {node.name}</VisuallyHidden>
      <NodeIcon node={node} size={34} />
      <div>
        <NameInput node={node} />
        <div className={classes.type}>
          {node.connector ? <ServiceName id={node.connector} /> : type.label}
        </div>
      </div>
      <div className={classes.actions}>
        {!type.trigger && (
          <Tooltip label="Run only this node, with the data of the last run">
            <ActionIcon variant="light" aria-label="Test this node" loading={going} onClick={onTest}>
              <FlaskConical size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <Menu>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label="More for this node">
              <EllipsisVertical size={15} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<CopyPlus size={14} aria-hidden />} onClick={duplicate}>
              Duplicate
            </Menu.Item>
            <Menu.Item
              leftSection={<Power size={14} aria-hidden />}
              onClick={() =>
                act("Switch a node off or on", (doc) => commands.toggleDisabled(doc, new Set([node.id])))
              }
            >
              {node.disabled ? "Switch on" : "Switch off"}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<Trash2 size={14} aria-hidden />}
              onClick={() => act("Delete a node", (doc) => commands.deleteNodes(doc, new Set([node.id])))}
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <HelpLink page="nodes" section={node.type.toLowerCase()} about={type.label} isBeside />
        <ActionIcon variant="subtle" color="gray" aria-label="Close the panel" onClick={onClose}>
          <X size={16} aria-hidden />
        </ActionIcon>
      </div>
    </header>
  );
}

/** The name; it is changed when the field is left, so that expressions are rewritten once. */
function NameInput({ node }: { node: WorkflowNode }) {
  const session = useSession();
  const [text, setText] = useState(node.name);
  useEffect(() => setText(node.name), [node.name]);
  const commit = () => {
    if (
      text !== node.name &&
      !session.store.run({ label: "Rename a node" }, (doc) => commands.renameNode(doc, node.id, text))
    )
      setText(node.name);
  };
  return (
    <input
      className={classes.name}
      aria-label="Name of the node"
      value={text}
      maxLength={120}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") {
          setText(node.name);
          event.stopPropagation();
        }
      }}
    />
  );
}
