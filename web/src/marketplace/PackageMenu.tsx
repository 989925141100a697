/** What can be undone of an installed package: the version before is put back, or all of it removed. */
import { ActionIcon, Menu } from "@mantine/core";
import { Ellipsis, History, Trash2 } from "lucide-react";
import { useState } from "react";
import { RemovePackageDialog } from "./RemovePackageDialog.tsx";
import { RollBackDialog } from "./RollBackDialog.tsx";
import type { Installed, Package } from "./types.ts";

export function PackageMenu({ one, installed }: { one: Package; installed: Installed }) {
  const [dialog, setDialog] = useState<"rollBack" | "remove">();
  const close = () => setDialog(undefined);
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label={`More for ${one.name}`}>
            <Ellipsis size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<History size={14} aria-hidden />}
            disabled={installed.formerVersion === null}
            onClick={() => setDialog("rollBack")}
          >
            {installed.formerVersion === null
              ? "Roll back: there is no version before"
              : `Roll back to ${installed.formerVersion}`}
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<Trash2 size={14} aria-hidden />}
            onClick={() => setDialog("remove")}
          >
            Remove
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === "rollBack" && installed.formerVersion !== null && (
        <RollBackDialog one={one} from={installed.version} to={installed.formerVersion} onClose={close} />
      )}
      {dialog === "remove" && (
        <RemovePackageDialog id={one.id} name={one.name} onClose={close} onRemoved={close} />
      )}
    </>
  );
}
