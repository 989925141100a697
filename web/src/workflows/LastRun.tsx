/** How a workflow's newest run ended, and the way to it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type LatestRuns, lastRunQuery } from "../executions/queries.ts";
import { Ago } from "../ui/Ago.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import classes from "./LastRun.module.css";

interface Props {
  /** The workflow. */
  id: string;
  latest: LatestRuns | undefined;
}

/** One that has not run for long is asked for by itself: other workflows may have run very often since. */
export function LastRun({ id, latest }: Props) {
  const known = latest?.runs.get(id);
  const isMissing = latest !== undefined && known === undefined && !latest.areAll;
  const { data } = useQuery({ ...lastRunQuery(id), enabled: isMissing });
  const run = known ?? data;
  if (!run) return <span className={classes.none}>–</span>;
  return (
    <Link to="/logs/$executionId" params={{ executionId: run.id }} className={classes.run ?? ""}>
      <StatusPill status={run.status} />
      <Ago at={run.createdAt} />
    </Link>
  );
}
