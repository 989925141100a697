/** A run in a few numbers: how long, how much of it, with which credentials. */
import { useMemo } from "react";
import { isFinal, type Run, summarize } from "../editor/session/run.ts";
import { useNow } from "../lib/use-now.ts";
import classes from "./ExecutionPage.module.css";
import { durationText } from "./words.ts";

export function Metrics({ run }: { run: Run }) {
  const counts = useMemo(() => {
    const all = [...summarize(run).values()];
    return {
      reached: all.filter((node) => node.status !== "skipped").length,
      of: all.length,
      attempts: run.nodes.reduce((sum, node) => sum + node.attempts, 0),
    };
  }, [run]);
  const now = useNow(!isFinal(run.status));
  const waited = run.startedAt ? durationText(run.createdAt, run.startedAt) : "–";
  const used = new Map(
    run.nodes.flatMap((node) => (node.credentialId ? [[node.credentialId, node.credentialName]] : [])),
  );
  const known = [...used.values()].filter(Boolean);
  // Names say more than a number, as long as they are few.
  const credentials =
    known.length > 0 && known.length === used.size && used.size <= 2 ? known.join(", ") : String(used.size);
  const metrics: readonly (readonly [string, string])[] = [
    ["Took", durationText(run.startedAt, run.finishedAt, now)],
    ["Waited before", waited],
    ["Nodes reached", `${counts.reached} of ${counts.of}`],
    ["Attempts", String(counts.attempts)],
    ["Credentials used", credentials],
  ];
  return (
    <dl className={classes.metrics}>
      {metrics.map(([label, text]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd title={text}>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
