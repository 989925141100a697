/** The end of the form: test or connect, cancel, save. It stays in sight however long the form is. */
import { Button, Group } from "@mantine/core";
import { CircleCheck, ExternalLink, PlugZap } from "lucide-react";
import type { ReactNode } from "react";
import type { FormActs } from "../use-credential-form.ts";
import classes from "./Foot.module.css";

interface Props {
  acts: FormActs;
  isNew: boolean;
  onClose: () => void;
  /** What came of the last act. It stands above the buttons, so that it is in sight wherever the form is. */
  children: ReactNode;
}

/** The button that opens the service's page; it says what came of it. */
function Authorize({ acts }: { acts: FormActs }) {
  const { state } = acts.connect.connection;
  if (state === "connected") {
    return (
      <Group gap="xs">
        <span className={classes.connected}>
          <CircleCheck size={15} aria-hidden />
          Connected!
        </span>
        <Button variant="subtle" color="gray" onClick={acts.change}>
          Change
        </Button>
      </Group>
    );
  }
  if (state === "waiting" || state === "starting") {
    return (
      <Button variant="subtle" color="gray" onClick={acts.connect.reset}>
        Begin again
      </Button>
    );
  }
  return <span />;
}

export function Foot({ acts, isNew, onClose, children }: Props) {
  const { state } = acts.connect.connection;
  const isConnecting = acts.needsConnection && state !== "connected";
  return (
    <div className={classes.foot}>
      {children}
      <Group justify="space-between" gap="xs" className={classes.buttons}>
        {acts.needsConnection ? (
          <Authorize acts={acts} />
        ) : isNew ? (
          <Button
            variant="default"
            leftSection={<PlugZap size={14} aria-hidden />}
            loading={acts.test.isPending}
            onClick={acts.tryOut}
          >
            Test connection
          </Button>
        ) : (
          <span />
        )}
        <Group gap="xs">
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          {isConnecting ? (
            <Button
              type="submit"
              leftSection={<ExternalLink size={14} aria-hidden />}
              loading={state === "starting"}
              disabled={state === "waiting"}
            >
              Connect
            </Button>
          ) : (
            <Button type="submit" loading={acts.isSaving}>
              {!isNew || acts.needsConnection ? "Save" : "Add credential"}
            </Button>
          )}
        </Group>
      </Group>
    </div>
  );
}
