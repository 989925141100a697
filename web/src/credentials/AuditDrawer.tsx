/** Who did what with a credential. */
import { Alert, Anchor, Button, Drawer, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { sentence } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { actionLabel, actorLabel, detailText } from "../audit/words.ts";
import { useMe } from "../auth/me.ts";
import { Ago } from "../ui/Ago.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import classes from "./Drawers.module.css";
import { credentialAuditQuery } from "./queries.ts";

export function AuditDrawer({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    credentialAuditQuery(credential.id),
  );
  const me = useMe();
  const entries = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Drawer opened onClose={onClose} title={`Audit of ${credential.name}`} size="md">
      {error && <Alert color="red">{sentence(error)}</Alert>}
      {!data && !error && <ScreenLoader />}
      <ol className={classes.list}>
        {entries.map((entry) => {
          const detail = entry.detail as Record<string, unknown>;
          const execution = typeof detail.executionId === "string" ? detail.executionId : undefined;
          return (
            <li key={entry.id}>
              <span>
                <Text size="sm" fw={560}>
                  {actionLabel(entry.action)}
                </Text>
                <Text size="xs" c="dimmed">
                  {[actorLabel(entry.actor, me.userId), detailText(detail)].filter(Boolean).join(" · ")}
                </Text>
                {execution && (
                  <Anchor
                    component={Link}
                    to="/logs/$executionId"
                    params={{ executionId: execution } as never}
                    size="xs"
                  >
                    Show the execution
                  </Anchor>
                )}
              </span>
              <Text size="xs" c="dimmed" component="span">
                <Ago at={entry.at} />
              </Text>
            </li>
          );
        })}
      </ol>
      {hasNextPage && (
        <Button
          variant="default"
          size="xs"
          mt="sm"
          loading={isFetchingNextPage}
          onClick={() => fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </Drawer>
  );
}
