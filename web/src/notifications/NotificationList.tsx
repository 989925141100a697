/** The notifications in the bell: what happened last first, each leading to what it is about. */
import { ActionIcon, Button, Loader, SegmentedControl, Text, Title, Tooltip } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { BellOff, CheckCheck, Settings2 } from "lucide-react";
import { useState } from "react";
import { sentence } from "../api/problem.ts";
import type { Notification } from "../api/types.ts";
import { useMe } from "../auth/me.ts";
import { useEnterWorkspace } from "../auth/use-workspace.ts";
import { Ago } from "../ui/Ago.tsx";
import { LinkIcon } from "../ui/links.tsx";
import classes from "./Bell.module.css";
import { notificationsQuery, unreadQuery, useMarkRead } from "./queries.ts";
import { categoryLabel, placeOf, toneOf } from "./words.ts";

interface Props {
  readonly onClose: () => void;
}

/** Leads to what a notification is about, in the workspace where it happened. */
function useFollow(onClose: () => void) {
  const me = useMe();
  const enter = useEnterWorkspace();
  const navigate = useNavigate();
  const { mutate } = useMarkRead();
  return async (notification: Notification) => {
    onClose();
    if (!notification.readAt) mutate([notification.id]);
    const { workspaceId } = notification;
    const isElsewhere = workspaceId !== me.workspaceId && me.workspaces.some(({ id }) => id === workspaceId);
    if (isElsewhere) await enter(workspaceId);
    await navigate({ to: placeOf(notification) as never });
  };
}

function Entry({
  notification,
  onOpen,
}: {
  readonly notification: Notification;
  readonly onOpen: (notification: Notification) => void;
}) {
  const me = useMe();
  const { category, message, count: times, lastAt, readAt, workspaceId } = notification;
  const elsewhere =
    workspaceId === me.workspaceId ? undefined : me.workspaces.find(({ id }) => id === workspaceId)?.name;
  return (
    <li>
      <button
        type="button"
        className={classes.entry}
        data-unread={readAt ? undefined : true}
        onClick={() => onOpen(notification)}
      >
        <span className={classes.dot} data-tone={toneOf(category)} aria-hidden />
        <span className={classes.words}>
          <span className={classes.message}>
            {!readAt && <span className={classes.hidden}>Unread: </span>}
            {message || categoryLabel(category)}
          </span>
          <span className={classes.hint}>
            <Ago at={lastAt} />
            {times > 1 && ` · ${times} times`}
            {elsewhere && ` · ${elsewhere}`}
          </span>
        </span>
      </button>
    </li>
  );
}

export default function NotificationList({ onClose }: Props) {
  const [isUnread, setIsUnread] = useState(false);
  const query = useInfiniteQuery(notificationsQuery(isUnread));
  const { data: unread = 0 } = useQuery(unreadQuery);
  const markRead = useMarkRead();
  const follow = useFollow(onClose);
  const shown = query.data?.pages.flatMap((page) => page.items) ?? [];
  const failure = query.error ?? markRead.error;
  return (
    <div className={classes.list}>
      <header className={classes.head}>
        <Title order={2} size="h3">
          Notifications
        </Title>
        <Tooltip label="Mark all as read">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Mark all as read"
            disabled={unread === 0}
            loading={markRead.isPending}
            onClick={() => markRead.mutate(undefined)}
          >
            <CheckCheck size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Notification settings">
          <LinkIcon
            to="/settings/notifications"
            variant="subtle"
            color="gray"
            aria-label="Notification settings"
            onClick={onClose}
          >
            <Settings2 size={16} aria-hidden />
          </LinkIcon>
        </Tooltip>
      </header>
      <SegmentedControl
        aria-label="Which notifications"
        size="xs"
        fullWidth
        value={isUnread ? "unread" : "all"}
        onChange={(next) => setIsUnread(next === "unread")}
        data={[
          { value: "all", label: "All" },
          { value: "unread", label: unread > 0 ? `Unread (${unread.toLocaleString()})` : "Unread" },
        ]}
      />
      {failure && (
        <Text size="sm" c="red" role="alert" className={classes.none}>
          {sentence(failure)}
        </Text>
      )}
      {query.isPending && (
        <div className={classes.none} role="status" aria-label="Loading">
          <Loader size="sm" />
        </div>
      )}
      {query.data && shown.length === 0 && (
        <div className={classes.none}>
          <BellOff size={18} aria-hidden />
          <Text size="sm" fw={560} mt={6}>
            {isUnread ? "Everything is read" : "No notifications"}
          </Text>
          <Text size="xs" c="dimmed">
            Failed runs and credentials that need you appear here.
          </Text>
        </div>
      )}
      {shown.length > 0 && (
        <ul className={classes.entries} aria-label="Notifications">
          {shown.map((notification) => (
            <Entry
              key={notification.id}
              notification={notification}
              onOpen={(opened) => void follow(opened)}
            />
          ))}
          {query.hasNextPage && (
            <li className={classes.more}>
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                loading={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                Show more
              </Button>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
