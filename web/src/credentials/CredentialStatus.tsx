/**
 * The state of a credential, and the act that mends it where there is one. It stands in thousands of rows, so that its
 * explanations are the browser's own tooltips.
 */
import type { Credential } from "../api/types.ts";
import { formatDate } from "../lib/format.ts";
import { StatusPill } from "../ui/StatusPill.tsx";
import classes from "./CredentialList.module.css";
import type { CredentialDialog } from "./queries.ts";
import { isConnectedByPerson } from "./ways.ts";

/** From so many days before its end on, an expiry is worth a word. */
const SOON_DAYS = 14;
const DAY_MS = 86_400_000;

/** What should be done about a credential that still works. */
export function dueOf(
  credential: Pick<Credential, "status" | "expiresAt" | "rotationDueAt" | "secretEndsAt">,
  now: number = Date.now(),
): { state: string; text: string } | undefined {
  const { status, expiresAt, rotationDueAt, secretEndsAt } = credential;
  if (status !== "active") return undefined;
  if (rotationDueAt && Date.parse(rotationDueAt) <= now)
    return { state: "rotationDue", text: `A rotation was due on ${formatDate(rotationDueAt)}.` };
  // The earlier of the end that somebody set and the one that the secret itself tells.
  const end = [expiresAt, secretEndsAt]
    .filter((at) => at != null)
    .sort((a, b) => Date.parse(a) - Date.parse(b))[0];
  if (end && Date.parse(end) - now <= SOON_DAYS * DAY_MS)
    return { state: "expiresSoon", text: `It expires on ${formatDate(end)}.` };
  return undefined;
}

interface Props {
  credential: Credential;
  canChange: boolean;
  onOpen: (dialog: CredentialDialog) => void;
}

export function CredentialStatus({ credential, canChange, onOpen }: Props) {
  const { status } = credential;
  const isLost = status === "expired" || status === "failing";
  if (isLost && canChange && isConnectedByPerson(credential)) {
    return (
      <button
        type="button"
        className={classes.act}
        title={`${status === "expired" ? "The grant has ended." : "The service refused it."} Connect the account again.`}
        onClick={() => onOpen({ kind: "reconnect", credential })}
        aria-label={`Reconnect ${credential.name}`}
      >
        <StatusPill status="reconnect" />
      </button>
    );
  }
  const due = dueOf(credential);
  if (!due) return <StatusPill status={status} />;
  return (
    <span title={due.text}>
      <StatusPill status={due.state} />
    </span>
  );
}
