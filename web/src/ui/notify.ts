/** Short messages in the corner. */
import { notifications } from "@mantine/notifications";

export const notify = {
  /** Something was done. */
  done: (title: string, message: string) =>
    notifications.show({ title, message, color: "teal", autoClose: 4_000 }),
  /** Something was not done; the message says why and what to do. */
  failed: (title: string, message: string) =>
    notifications.show({ title, message, color: "red", autoClose: 10_000 }),
};
