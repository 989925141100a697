/** What can be done with one credential. */
import { ActionIcon, Menu } from "@mantine/core";
import {
  Ban,
  Copy,
  Ellipsis,
  History,
  type LucideIcon,
  PlugZap,
  RotateCw,
  SquarePen,
  Trash2,
  Workflow,
} from "lucide-react";
import type { Credential } from "../api/types.ts";
import type { CredentialDialog } from "./queries.ts";

type Act = Exclude<CredentialDialog["kind"], "add">;

interface Props {
  credential: Credential;
  /** Whether the reader may change it. */
  canChange: boolean;
  onOpen: (dialog: CredentialDialog) => void;
}

const CHANGES: [Act, string, LucideIcon][] = [
  ["edit", "Edit", SquarePen],
  ["test", "Test", PlugZap],
  ["duplicate", "Duplicate", Copy],
  ["rotate", "Rotate", RotateCw],
];
const LOOKS: [Act, string, LucideIcon][] = [
  ["usage", "Usage", Workflow],
  ["audit", "Audit", History],
];

export function RowMenu({ credential, canChange, onOpen }: Props) {
  const isRevoked = credential.status === "revoked";
  const item = ([kind, label, Icon]: [Act, string, LucideIcon], color?: string) => (
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
    <Menu width={180}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${credential.name}`}>
          <Ellipsis size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {canChange && !isRevoked && CHANGES.map((entry) => item(entry))}
        {canChange && !isRevoked && <Menu.Divider />}
        {LOOKS.map((entry) => item(entry))}
        {canChange && <Menu.Divider />}
        {canChange && !isRevoked && item(["revoke", "Revoke", Ban], "red")}
        {canChange && item(["delete", "Delete", Trash2], "red")}
      </Menu.Dropdown>
    </Menu>
  );
}
