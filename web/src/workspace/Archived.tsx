/** Above every screen of an archived workspace: what that means, and the way back for its owner. */
import { Button, Text } from "@mantine/core";
import { Archive } from "lucide-react";
import { sentence } from "../api/problem.ts";
import { useMe } from "../auth/me.ts";
import { formatDate } from "../lib/format.ts";
import { notify } from "../ui/notify.ts";
import classes from "./Archived.module.css";
import { useWorkspaceAct, workspaceActs } from "./queries.ts";

export function Archived() {
  const me = useMe();
  const here = me.workspaces.find(({ id }) => id === me.workspaceId);
  const restore = useWorkspaceAct(workspaceActs.restore, () =>
    notify.done(
      "Restored",
      "Everybody has their role again. Workflows stay inactive until somebody activates them.",
    ),
  );
  if (!here?.archivedAt) return null;
  return (
    <section className={classes.banner} aria-label="Archived workspace">
      <Archive size={16} aria-hidden className={classes.icon} />
      <Text size="sm" className={classes.words}>
        Archived on {formatDate(here.archivedAt)}: everybody is a viewer here, and nothing runs.
      </Text>
      {here.role === "owner" && (
        <Button
          size="xs"
          variant="default"
          loading={restore.isPending}
          onClick={() =>
            restore.mutate(here.id, { onError: (error) => notify.failed("Not restored", sentence(error)) })
          }
        >
          Restore
        </Button>
      )}
    </section>
  );
}
