/** Removes an OAuth app, or says what keeps it from being removed. */
import { Text } from "@mantine/core";
import type { OauthApp } from "../api/types.ts";
import { useServiceName } from "../credentials/service/use-service-name.ts";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { notify } from "../ui/notify.ts";
import { whoseApp } from "./levels.ts";
import { oauthAppActs, useOauthAppAct, usersIn } from "./queries.ts";
import { UsersView } from "./UsersView.tsx";

export function RemoveAppDialog({ app, onClose }: { readonly app: OauthApp; readonly onClose: () => void }) {
  const name = useServiceName(app.service);
  const remove = useOauthAppAct(oauthAppActs.remove, () => {
    notify.done("Removed", `The app of ${whoseApp(app.level)} for ${name} is gone, and its secret with it.`);
    onClose();
  });
  const isUsed = usersIn(remove.error) !== undefined;
  return (
    <ConfirmDialog
      title={`Remove the OAuth app for ${name}?`}
      label="Remove"
      error={isUsed ? null : remove.error}
      isPending={remove.isPending}
      disabled={isUsed}
      onConfirm={() => remove.mutate(app.id)}
      onClose={onClose}
    >
      <Text size="sm">
        Its secret is destroyed. Whoever connects an account at {name} afterwards brings a client of their
        own, or uses the app that is shared more widely.
      </Text>
      <UsersView error={remove.error} />
    </ConfirmDialog>
  );
}
