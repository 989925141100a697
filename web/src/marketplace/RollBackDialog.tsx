/** Puts the version back that was installed before. */
import { Modal, Stack, Text } from "@mantine/core";
import type { FormEvent } from "react";
import { reason } from "../api/problem.ts";
import { FormFoot } from "../ui/FormFoot.tsx";
import { notify } from "../ui/notify.ts";
import { marketplaceActs, useMarketplaceAct } from "./queries.ts";
import type { Package } from "./types.ts";

interface Props {
  one: Package;
  from: string;
  to: string;
  onClose: () => void;
}

export function RollBackDialog({ one, from, to, onClose }: Props) {
  const act = useMarketplaceAct(marketplaceActs.rollBack);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate(one.id, {
      onSuccess: () => {
        notify.done("Rolled back", `${one.name} is at ${to} again.`);
        onClose();
      },
    });
  };
  return (
    <Modal opened onClose={onClose} title={`Roll ${one.name} back to ${to}?`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            {to} takes the place of {from}, from the copy that was kept: nothing is fetched. Operations that
            only {from} has can no longer be called. Credentials stay as they are. Upgrading again asks again
            for what {from} added.
          </Text>
          <FormFoot
            label={`Roll back to ${to}`}
            error={act.error}
            told={reason(act.error)}
            isPending={act.isPending}
            onCancel={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}
