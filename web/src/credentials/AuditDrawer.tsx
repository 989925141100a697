/** Who did what with a credential. */
import { Drawer, Group, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Credential } from "../api/types.ts";
import { useNames } from "../audit/names.ts";
import { actionLabel, actorLabel, detailText, executionOf } from "../audit/words.ts";
import { useCan } from "../auth/me.ts";
import { Ago } from "../ui/Ago.tsx";
import { ListCount } from "../ui/ListCount.tsx";
import { LinkAnchor } from "../ui/links.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { ShowMore } from "../ui/ShowMore.tsx";
import classes from "./Drawers.module.css";
import { ExecutionLink } from "./ExecutionLink.tsx";
import { credentialAuditQuery } from "./queries.ts";

export function AuditDrawer({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const query = useInfiniteQuery(credentialAuditQuery(credential.id));
  const { data } = query;
  const { nameOf } = useNames();
  const canReadLog = useCan("audit.read");
  const entries = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Drawer opened onClose={onClose} title={`Audit of ${credential.name}`} size="md">
      <NotYet query={query} failed="The audit could not be read" isPart />
      {data && (
        <Group justify="space-between" gap="xs">
          <ListCount total={data.pages[0]?.total ?? 0} one="record" />
          {canReadLog && (
            <LinkAnchor to="/settings/audit" search={{ object: credential.id }} size="xs" underline="always">
              Filter and export in the audit log
            </LinkAnchor>
          )}
        </Group>
      )}
      <ol className={classes.list}>
        {entries.map((entry) => {
          const run = executionOf(entry);
          return (
            <li key={entry.id}>
              <span>
                <Text size="sm" fw={560}>
                  {actionLabel(entry.action)}
                </Text>
                <Text size="xs" c="dimmed">
                  {[actorLabel(entry.actor, nameOf), detailText(entry, nameOf)].filter(Boolean).join(" · ")}
                </Text>
                {run && <ExecutionLink id={run}>Show the execution</ExecutionLink>}
              </span>
              <Text size="xs" c="dimmed" component="span">
                <Ago at={entry.at} />
              </Text>
            </li>
          );
        })}
      </ol>
      <ShowMore query={query} />
    </Drawer>
  );
}
