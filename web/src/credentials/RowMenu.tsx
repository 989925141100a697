/** What can be done with one credential. */
import { ActionIcon, Menu } from "@mantine/core";
import {
  Ban,
  Copy,
  Ellipsis,
  History,
  type LucideIcon,
  Plug,
  PlugZap,
  RotateCw,
  SquarePen,
  Trash2,
  Undo2,
  Users,
  Workflow,
} from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Credential } from "../api/types.ts";
import { useCan } from "../auth/me.ts";
import classes from "./CredentialList.module.css";
import type { CredentialDialog } from "./queries.ts";
import { isConnectedByPerson } from "./ways.ts";

type Act = Exclude<CredentialDialog["kind"], "add">;

interface Props {
  credential: Credential;
  /** Whether the reader may change it. */
  canChange: boolean;
  onOpen: (dialog: CredentialDialog) => void;
}

type Entry = [Act, string, LucideIcon];

/** Whether the secret that the last rotation replaced can be put back. */
const isKept = ({ formerKeptUntil }: Credential): boolean =>
  Boolean(formerKeptUntil) && Date.parse(formerKeptUntil ?? "") > Date.now();

/** What can be changed; a credential that a person connected is reconnected, and rotated only if it holds a secret. */
function changesOf(credential: Credential): Entry[] {
  const reconnects = isConnectedByPerson(credential);
  const entries: (Entry | false)[] = [
    ["edit", "Edit", SquarePen],
    ["test", "Test", PlugZap],
    reconnects && ["reconnect", "Reconnect", Plug],
    (!reconnects || credential.secretFields.length > 0) && ["rotate", "Rotate", RotateCw],
    isKept(credential) && ["rollBack", "Put former secret back", Undo2],
    ["duplicate", "Duplicate", Copy],
    ["scope", "Change scope", Users],
  ];
  return entries.filter((entry) => entry !== false);
}
const LOOKS: Entry[] = [
  ["usage", "Usage", Workflow],
  ["audit", "Audit", History],
];

/** The button alone. Thousands of rows scroll past, and a menu costs more than a button: it is made when it is wanted. */
export function RowMenu(props: Props) {
  const [isWanted, setIsWanted] = useState(false);
  if (isWanted) return <Acts {...props} />;
  return (
    <button
      type="button"
      className={classes.acts}
      aria-label={`Actions for ${props.credential.name}`}
      aria-haspopup="menu"
      onClick={() => setIsWanted(true)}
    >
      <Ellipsis size={16} aria-hidden />
    </button>
  );
}

function Acts({ credential, canChange, onOpen }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  // It took the place of the button that was pressed: the keyboard goes on here, and comes back here.
  useEffect(() => {
    button.current?.focus();
    setIsOpen(true);
  }, []);
  const isRevoked = credential.status === "revoked";
  const canAsk = useCan("credentials.askScope");
  const canAudit = useCan("credentials.audit") || credential.scope === "personal";
  const asks = canAsk && !canChange && !isRevoked && credential.scope === "workspace";
  const item = ([kind, label, Icon]: Entry, color?: string) => (
    <Menu.Item
      key={kind}
      color={color}
      leftSection={<Icon size={14} aria-hidden />}
      onClick={() => onOpen({ kind, credential })}
    >
      {label}
    </Menu.Item>
  );
  return (
    <Menu width={210} opened={isOpen} onChange={setIsOpen}>
      <Menu.Target>
        <ActionIcon ref={button} variant="subtle" color="gray" aria-label={`Actions for ${credential.name}`}>
          <Ellipsis size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {canChange && !isRevoked && changesOf(credential).map((entry) => item(entry))}
        {canChange && !isRevoked && <Menu.Divider />}
        {asks && item(["scope", "Ask for a wider scope", Users])}
        {LOOKS.filter(([kind]) => kind !== "audit" || canAudit).map((entry) => item(entry))}
        {canChange && <Menu.Divider />}
        {canChange && !isRevoked && item(["revoke", "Revoke", Ban], "red")}
        {canChange && item(["delete", "Delete", Trash2], "red")}
      </Menu.Dropdown>
    </Menu>
  );
}
