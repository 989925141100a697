/** A state as a coloured word. The word says it; the colour only repeats it. */
import classes from "./StatusPill.module.css";

type Tone = "good" | "bad" | "warn" | "info" | "idle";

const STATES: Record<string, [string, Tone]> = {
  active: ["Active", "good"],
  success: ["Success", "good"],
  accepted: ["Accepted", "good"],
  opensHere: ["Opens here", "good"],
  keyElsewhere: ["Key elsewhere", "idle"],
  doesNotOpen: ["Does not open", "bad"],
  connected: ["Connected", "good"],
  listening: ["Listening", "good"],
  asking: ["Asking", "good"],
  installed: ["Installed", "good"],
  failed: ["Failed", "bad"],
  failing: ["Failing", "bad"],
  refused: ["Refused", "bad"],
  timeout: ["Timed out", "bad"],
  expired: ["Expired", "warn"],
  reconnect: ["Reconnect", "warn"],
  rotationDue: ["Rotation due", "warn"],
  expiresSoon: ["Expires soon", "warn"],
  running: ["Running", "warn"],
  pending: ["Pending", "warn"],
  registering: ["Registering", "warn"],
  removing: ["Removing", "warn"],
  unverified: ["Unverified", "warn"],
  unreachable: ["Unreachable", "warn"],
  waitingForInput: ["Waiting", "info"],
  waiting: ["Waiting", "info"],
  open: ["Waiting", "info"],
  approved: ["Approved", "good"],
  rejected: ["Refused", "bad"],
  withdrawn: ["Taken back", "idle"],
  upgrade: ["Upgrade", "info"],
  elsewhere: ["From elsewhere", "idle"],
  draft: ["Draft", "idle"],
  paused: ["Paused", "idle"],
  inactive: ["Inactive", "idle"],
  archived: ["Archived", "idle"],
  shutOut: ["Deactivated", "idle"],
  revoked: ["Revoked", "idle"],
  cancelled: ["Cancelled", "idle"],
  cutShort: ["Cut short", "warn"],
  skipped: ["Not reached", "idle"],
  not_testable: ["Cannot be tested", "idle"],
};

export function StatusPill({ status }: { status: string }) {
  const [word, tone] = STATES[status] ?? [status, "idle"];
  return (
    <span className={classes.pill} data-tone={tone} data-status={status}>
      {word}
    </span>
  );
}
