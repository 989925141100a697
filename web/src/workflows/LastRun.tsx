/** How a workflow's newest run ended, and the way to it. */
import { Link } from "@tanstack/react-router";
import type { ExecutionItem } from "../api/types.ts";
import { Ago } from "../ui/Ago.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import classes from "./LastRun.module.css";

export function LastRun({ run }: { run: ExecutionItem | undefined }) {
  if (!run) return <span className={classes.none}>–</span>;
  return (
    <Link to="/logs/$executionId" params={{ executionId: run.id }} className={classes.run ?? ""}>
      <StatusPill status={run.status} />
      <Ago at={run.createdAt} />
    </Link>
  );
}
