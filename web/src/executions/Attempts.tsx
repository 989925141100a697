/** The attempts of a node that needed more than one: when, how long, why it failed, and when the next one follows. */
import { Anchor, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Hourglass } from "lucide-react";
import { type ToldAttempt, toldAttempts } from "../editor/session/attempts.ts";
import { isFinal, type NodeRun, type Run } from "../editor/session/run.ts";
import { formatClock, formatDateTime, formatDuration } from "../lib/format.ts";
import { useNow } from "../lib/use-now.ts";
import { StatusPill } from "../ui/StatusPill.tsx";
import classes from "./Attempts.module.css";
import { waitText } from "./words.ts";

/** How long an attempt took, or why that is not known. */
function took({ attempt, state, from, to }: ToldAttempt): string {
  if (attempt.uncertain) return "Flero was stopped meanwhile; the service may have done its work";
  if (state === "cutShort") return "Flero was stopped meanwhile";
  // When it failed is not told by runs of earlier versions.
  if (attempt.error && !attempt.finishedAt) return "";
  return state === "running" ? `${formatDuration(to - from)} so far` : formatDuration(to - from);
}

function One({ told, now }: { told: ToldAttempt; now: number }) {
  const { attempt, state } = told;
  const wait = waitText(told, now);
  return (
    <li className={classes.attempt} data-attempt={attempt.number} data-state={state}>
      <span className={classes.number}>{attempt.number}</span>
      <div className={classes.facts}>
        <StatusPill status={state} />
        <time dateTime={attempt.startedAt} title={formatDateTime(attempt.startedAt)}>
          {formatClock(attempt.startedAt)}
        </time>
        <span>{took(told)}</span>
      </div>
      {attempt.error && (
        <p className={classes.error}>
          {attempt.error.message}{" "}
          <Anchor component={Link} to="/docs/codes" hash={attempt.error.code} size="xs" underline="always">
            <code>{attempt.error.code}</code>
          </Anchor>
        </p>
      )}
      {wait && (
        <p className={classes.wait} data-waiting={told.isWaiting}>
          <Hourglass size={12} aria-hidden /> {wait}
        </p>
      )}
    </li>
  );
}

/** The attempts; nothing where the first one was the end. */
export function Attempts({ node, run }: { node: NodeRun; run: Run }) {
  const hasEnded = isFinal(run.status);
  const isGoing = !hasEnded && !node.finishedAt;
  const now = useNow(isGoing);
  const told = toldAttempts(node, hasEnded, now);
  if (told.length === 0) return null;
  return (
    <div>
      <Title order={3} className={classes.title}>
        Attempts
      </Title>
      <ol className={classes.attempts} aria-label="Attempts">
        {told.map((one) => (
          <One key={one.attempt.number} told={one} now={now} />
        ))}
      </ol>
    </div>
  );
}
