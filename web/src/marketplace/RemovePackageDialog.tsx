/** Removes an installed package. */
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { reason } from "../api/problem.ts";
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
    <Modal opened onClose={onClose} title={`Remove ${name}?`}>
      <Stack gap="md">
        <Text size="sm">
          Its operations can no longer be called: workflows with a node of this connector fail at that node.
          Credentials that were made for it stay and can be used in HTTP Request nodes. Installing it again
          brings it back, as long as a registry offers it.
        </Text>
        {act.error && (
          <Alert color="red" role="alert">
            {reason(act.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="subtle" color="gray" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={act.isPending} onClick={remove}>
            Remove
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
