/** Removes an installed package. */
import { Text } from "@mantine/core";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { notify } from "../ui/notify.ts";
import { marketplaceActs, useMarketplaceAct } from "./queries.ts";

interface Props {
  id: string;
  name: string;
  onClose: () => void;
  onRemoved: () => void;
}

export function RemovePackageDialog({ id, name, onClose, onRemoved }: Props) {
  const act = useMarketplaceAct(marketplaceActs.remove);
  const remove = () =>
    act.mutate(id, {
      onSuccess: () => {
        notify.done("Removed", `${name} is no longer in the catalog.`);
        onRemoved();
      },
    });
  return (
    <ConfirmDialog
      title={`Remove ${name}?`}
      label="Remove"
      error={act.error}
      isPending={act.isPending}
      onConfirm={remove}
      onClose={onClose}
    >
      <Text size="sm">
        Its operations can no longer be called: workflows with a node of this connector fail at that node.
        Credentials that were made for it stay and can be used in HTTP Request nodes. Installing it again
        brings it back, as long as a registry offers it.
      </Text>
    </ConfirmDialog>
  );
}
