/** The webhooks that notifications of the workspace are sent to. */
import { ActionIcon, Button, Group, Table, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { sentence } from "../../api/problem.ts";
import type { Webhook } from "../../api/types.ts";
import { Ago } from "../../ui/Ago.tsx";
import { ConfirmDialog } from "../../ui/ConfirmDialog.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { NotYet } from "../../ui/NotYet.tsx";
import { notify } from "../../ui/notify.ts";
import { SectionHead } from "../../ui/SectionHead.tsx";
import { useWebhookAct, webhookActs, webhooksQuery } from "../queries.ts";
import { categoryLabel } from "../words.ts";
import { NewWebhookDialog } from "./NewWebhookDialog.tsx";

/** The server takes no more than these. */
const MOST = 10;

function Row({ webhook, onRemove }: { readonly webhook: Webhook; readonly onRemove: () => void }) {
  const test = useWebhookAct(webhookActs.test);
  const tryOut = () =>
    test.mutate(webhook.id, {
      onSuccess: ({ status }) => {
        if (status >= 200 && status < 300) notify.done("It took the call", `It answered ${status}.`);
        else notify.failed("It did not accept the call", `It answered ${status}. A 2xx means accepted.`);
      },
      onError: (error) => notify.failed("It was not reached", sentence(error)),
    });
  return (
    <Table.Tr>
      <Table.Td maw="24rem" style={{ overflowWrap: "anywhere" }}>
        <code>{webhook.url}</code>
      </Table.Td>
      <Table.Td maw="20rem">
        {webhook.categories.length === 0 ? "Everything" : webhook.categories.map(categoryLabel).join(", ")}
      </Table.Td>
      <Table.Td>
        <Ago at={webhook.createdAt} />
      </Table.Td>
      <Table.Td ta="right">
        <Group gap={2} wrap="nowrap" justify="flex-end">
          <Tooltip label="Call it now">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Call ${webhook.url} now`}
              loading={test.isPending}
              onClick={tryOut}
            >
              <Send size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Remove">
            <ActionIcon variant="subtle" color="red" aria-label={`Remove ${webhook.url}`} onClick={onRemove}>
              <Trash2 size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

export function Webhooks() {
  const query = useQuery(webhooksQuery);
  const { data: webhooks } = query;
  const [dialog, setDialog] = useState<"new" | Webhook>();
  const remove = useWebhookAct(webhookActs.remove);
  const close = () => {
    setDialog(undefined);
    remove.reset();
  };
  const add = (
    <Button
      variant="default"
      style={{ flex: "none" }}
      leftSection={<Plus size={14} aria-hidden />}
      disabled={(webhooks?.length ?? 0) >= MOST}
      onClick={() => setDialog("new")}
    >
      Add webhook
    </Button>
  );
  return (
    <section aria-label="Webhooks">
      <SectionHead title="Webhooks of this workspace" action={webhooks && webhooks.length > 0 && add}>
        Failed runs and credentials that need somebody, sent to a chat or an on-call system. Personal
        credentials are never told there.
      </SectionHead>
      <NotYet query={query} failed="The webhooks could not be listed" isPart />
      {webhooks?.length === 0 && (
        <EmptyState
          title="No webhook yet"
          text="Name an address, and every notification of this workspace is posted there, signed."
          action={add}
        />
      )}
      {webhooks && webhooks.length > 0 && (
        <DataTable label="Addresses" columns={["Address", "About", "Added", ""]}>
          {webhooks.map((webhook) => (
            <Row key={webhook.id} webhook={webhook} onRemove={() => setDialog(webhook)} />
          ))}
        </DataTable>
      )}
      {dialog === "new" && <NewWebhookDialog onClose={close} />}
      {typeof dialog === "object" && (
        <ConfirmDialog
          title="Remove this webhook?"
          label="Remove"
          error={remove.error}
          isPending={remove.isPending}
          onConfirm={() => remove.mutate(dialog.id, { onSuccess: close })}
          onClose={close}
        >
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            Nothing more is sent to <code>{dialog.url}</code>, and the secret of its signatures is destroyed.
          </Text>
        </ConfirmDialog>
      )}
    </section>
  );
}
