/** Removes an imported connector. */
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { sentence } from "../api/problem.ts";
import { notify } from "../ui/notify.ts";
import { catalogQuery, connectorQuery, removeConnector } from "./queries.ts";
import type { Connector } from "./types.ts";

export function RemoveDialog({ connector, onClose }: { connector: Connector; onClose: () => void }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeConnector(connector.id),
    onSuccess: async () => {
      notify.done("Removed", `${connector.name} is no longer in the catalog.`);
      await navigate({ to: "/catalog" });
      queryClient.removeQueries({ queryKey: connectorQuery(connector.id).queryKey });
      await queryClient.invalidateQueries({ queryKey: catalogQuery.queryKey });
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Remove ${connector.name}?`}>
      <Stack gap="md">
        <Text size="sm">
          Its operations can no longer be called: workflows with a node of this connector fail at that node.
          Credentials that were made for it stay and can be used in HTTP Request nodes. Importing the
          description again brings it back.
        </Text>
        {remove.error && (
          <Alert color="red" role="alert">
            {sentence(remove.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="subtle" color="gray" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
