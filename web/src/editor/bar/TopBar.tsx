/** The bar above the canvas: name, how saving stands, status, undo, runs, more. */

import { ActionIcon, Menu, Tooltip, VisuallyHidden } from "@mantine/core";
import {
  ArrowLeft,
  CircleAlert,
  CircleCheck,
  CloudOff,
  EllipsisVertical,
  FileJson,
  GitCompare,
  History,
  Keyboard,
  LayoutDashboard,
  LoaderCircle,
  Redo2,
  Settings2,
  Terminal,
  Undo2,
} from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { LinkIcon } from "../../ui/links.tsx";
import * as commands from "../model/commands.ts";
import { useReveal } from "../placing.ts";
import { useLive } from "../session/live.ts";
import { useSession } from "../session/session.tsx";
import { RunButton, RunState } from "./RunButton.tsx";
import { StatusMenu } from "./StatusMenu.tsx";
import classes from "./TopBar.module.css";

/** The dialogs that the bar opens. */
export type Dialog = "json" | "versions" | "settings" | "curl" | "keys";

interface Props {
  readonly onOpen: (dialog: Dialog) => void;
  readonly onRun: () => void;
  readonly onTidy: () => void;
}

/** The bar above the canvas. */
export function TopBar({ onOpen, onRun, onTidy }: Props) {
  const { store } = useSession();
  const name = useLive(store, (state) => state.document.name);
  const undoLabel = useLive(store, (state) => state.undoLabel);
  const redoLabel = useLive(store, (state) => state.redoLabel);
  return (
    <header className={classes.bar}>
      <VisuallyHidden component="h1">{name}</VisuallyHidden>
      <LinkIcon to="/workflows" variant="subtle" color="gray" aria-label="All workflows">
        <ArrowLeft size={17} aria-hidden />
      </LinkIcon>
      <NameInput />
      <StatusMenu />
      <SaveState />
      <span className={classes.space} />
      <RunState />
      <Tool
        label="Undo"
        help={undoLabel ? `Undo: ${undoLabel}` : "Nothing to undo"}
        icon={Undo2}
        idle={!undoLabel}
        onClick={() => store.undo()}
      />
      <Tool
        label="Redo"
        help={redoLabel ? `Redo: ${redoLabel}` : "Nothing to redo"}
        icon={Redo2}
        idle={!redoLabel}
        onClick={() => store.redo()}
      />
      <Tool label="Tidy up" icon={LayoutDashboard} onClick={onTidy} />
      <Tool label="Versions" icon={History} onClick={() => onOpen("versions")} />
      <More onOpen={onOpen} />
      <RunButton onRun={onRun} />
    </header>
  );
}

interface ToolProps {
  readonly label: string;
  /** What it would do now, where its label does not say it. */
  readonly help?: string;
  readonly icon: typeof Undo2;
  /** Whether there is nothing to do; it stays reachable, so that its help can be read. */
  readonly idle?: boolean;
  readonly onClick: () => void;
}

function Tool({ label, help = label, icon: Icon, idle, onClick }: ToolProps) {
  return (
    <Tooltip label={help}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        data-disabled={idle || undefined}
        bg={idle ? "transparent" : undefined}
        onClick={onClick}
      >
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function More({ onOpen }: { onOpen: (dialog: Dialog) => void }) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label="More">
          <EllipsisVertical size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Terminal size={14} aria-hidden />} onClick={() => onOpen("curl")}>
          Import a cURL command
        </Menu.Item>
        <Menu.Item leftSection={<FileJson size={14} aria-hidden />} onClick={() => onOpen("json")}>
          Show as JSON
        </Menu.Item>
        <Menu.Item leftSection={<GitCompare size={14} aria-hidden />} onClick={() => onOpen("versions")}>
          Versions
        </Menu.Item>
        <Menu.Item leftSection={<Settings2 size={14} aria-hidden />} onClick={() => onOpen("settings")}>
          Workflow settings
        </Menu.Item>
        <Menu.Item leftSection={<Keyboard size={14} aria-hidden />} onClick={() => onOpen("keys")}>
          Keyboard shortcuts
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function NameInput() {
  const { store } = useSession();
  const name = useLive(store, (state) => state.document.name);
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const commit = () => {
    const wished = text.trim();
    if (wished === "") setText(name);
    else store.run({ label: "Rename the workflow" }, (doc) => commands.setFacts(doc, { name: wished }));
  };
  return (
    <input
      className={classes.name}
      aria-label="Name of the workflow"
      value={text}
      maxLength={120}
      size={Math.max(12, text.length)}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}

/** How saving stands. Never only a colour: a word, and what to do. */
function SaveState() {
  const session = useSession();
  const status = useSyncExternalStore(session.autosave.subscribe, session.autosave.status);
  const errors = useLive(
    session.verdict,
    (found) => found.faults.filter((fault) => fault.level === "error").length,
  );
  const reveal = useReveal();
  const show = () => {
    const first = session.verdict
      .snapshot()
      .faults.find((fault) => fault.level === "error" && fault.node !== undefined);
    if (!first?.node) return;
    session.store.select([first.node]);
    reveal(first.node, { focus: false });
  };
  const known: Record<
    typeof status.kind,
    { text: string; icon: typeof CircleCheck; tone?: string; help?: string }
  > = {
    saved: { text: `Saved · v${session.autosave.version()}`, icon: CircleCheck },
    waiting: { text: "Saving…", icon: LoaderCircle },
    saving: { text: "Saving…", icon: LoaderCircle },
    incomplete: {
      text: errors === 1 ? "1 thing to fix" : `${errors} things to fix`,
      icon: CircleAlert,
      tone: "warn",
      help: "It is saved as soon as they are filled in. Until then it is kept in this browser.",
    },
    refused: {
      text: "Not saved",
      icon: CircleAlert,
      tone: "bad",
      help: "message" in status ? status.message : "",
    },
    unreachable: {
      text: "Not saved",
      icon: CloudOff,
      tone: "bad",
      help: "Flero does not answer. It is tried again every few seconds; nothing is lost.",
    },
    conflict: {
      text: "Changed elsewhere",
      icon: CircleAlert,
      tone: "bad",
      help: "Somebody else saved this workflow.",
    },
  };
  const { text, icon: Icon, tone, help } = known[status.kind];
  return (
    <Tooltip label={help} disabled={!help} multiline maw={320}>
      <button
        type="button"
        className={classes.save}
        data-tone={tone}
        data-state={status.kind}
        onClick={show}
        aria-live="polite"
      >
        <Icon size={14} aria-hidden />
        {text}
      </button>
    </Tooltip>
  );
}
