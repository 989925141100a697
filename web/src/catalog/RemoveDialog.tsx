/** Removes an imported connector. */
import { Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
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
    <ConfirmDialog
      title={`Remove ${connector.name}?`}
      label="Remove"
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Text size="sm">
        Its operations can no longer be called: workflows with a node of this connector fail at that node.
        Credentials that were made for it stay and can be used in HTTP Request nodes. Importing the
        description again brings it back.
      </Text>
    </ConfirmDialog>
  );
}
