/** Stops trusting a registry. */
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { reason } from "../../api/problem.ts";
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
    <Modal opened onClose={onClose} title={`Remove ${registry.name}?`}>
      <Stack gap="md">
        <Text size="sm">
          Nothing more is installed or upgraded from it, in any workspace of the organization. What was
          installed from it stays and works as before. To add it again, its root is needed again.
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
