/** Stops trusting a registry. */
import { Text } from "@mantine/core";
import { ConfirmDialog } from "../../ui/ConfirmDialog.tsx";
import { notify } from "../../ui/notify.ts";
import { marketplaceActs, useMarketplaceAct } from "../queries.ts";
import type { Registry } from "../types.ts";

export function RemoveRegistryDialog({ registry, onClose }: { registry: Registry; onClose: () => void }) {
  const act = useMarketplaceAct(marketplaceActs.removeRegistry);
  const remove = () =>
    act.mutate(registry.id, {
      onSuccess: () => {
        notify.done("Removed", `${registry.name} is no longer read.`);
        onClose();
      },
    });
  return (
    <ConfirmDialog
      title={`Remove ${registry.name}?`}
      label="Remove"
      error={act.error}
      isPending={act.isPending}
      onConfirm={remove}
      onClose={onClose}
    >
      <Text size="sm">
        Nothing more is installed or upgraded from it, in any workspace of the organization. What was
        installed from it stays and works as before. To add it again, its root is needed again.
      </Text>
    </ConfirmDialog>
  );
}
