/** Settings -> Notifications: which mails one gets, and the webhooks of the workspace. */
import { Stack } from "@mantine/core";
import { useCan, useMe } from "../auth/me.ts";
import { Notice } from "../ui/Notice.tsx";
import { Page } from "../ui/Page.tsx";
import { MailSettings } from "./MailSettings.tsx";
import { Webhooks } from "./webhooks/Webhooks.tsx";

export default function NotificationSettingsPage() {
  const me = useMe();
  const canWrite = useCan("settings.write");
  return (
    <Page
      title="Notifications"
      lead="What Flero notifies you about. The bell shows everything; choose mails and webhooks here."
    >
      <Stack gap={36}>
        {me.apiKeyId ? (
          <Notice tone="info">Notifications go to people. Sign in to choose yours.</Notice>
        ) : (
          <MailSettings />
        )}
        {canWrite && <Webhooks />}
      </Stack>
    </Page>
  );
}
