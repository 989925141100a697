/** The bell: how many notifications are not read, and the list of them. */
import { ActionIcon, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Bell as BellIcon } from "lucide-react";
import { lazy, Suspense } from "react";
import { useMe } from "../auth/me.ts";
import { count } from "../lib/format.ts";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import classes from "./Bell.module.css";
import { unreadQuery } from "./queries.ts";

const NotificationList = lazy(() => import("./NotificationList.tsx"));

/** More than two digits say no more than that there are many. */
const MOST = 99;

export function Bell() {
  const me = useMe();
  const [isOpen, { toggle, close }] = useDisclosure(false);
  // An API key has no notifications: they are told to a person.
  const isSession = !me.apiKeyId;
  const { data: unread = 0 } = useQuery({ ...unreadQuery, enabled: isSession });
  if (!isSession) return null;
  const label = unread > 0 ? `Notifications: ${count(unread, "unread", "unread")}` : "Notifications";
  return (
    <Popover
      opened={isOpen}
      onChange={(next) => !next && close()}
      position="bottom-start"
      shadow="md"
      width={384}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={30}
          className={classes.bell}
          aria-label={label}
          aria-haspopup="dialog"
          onClick={toggle}
        >
          <BellIcon size={16} strokeWidth={1.8} aria-hidden />
          {unread > 0 && (
            <span className={classes.count} aria-hidden>
              {unread > MOST ? `${MOST}+` : unread}
            </span>
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label="Notifications">
        <Suspense fallback={<ScreenLoader />}>
          <NotificationList onClose={close} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
