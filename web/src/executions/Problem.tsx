/** Why a run did not end well, and what to do, before anything else is looked at. */
import type { NodeRun, Run } from "../editor/session/run.ts";
import { LinkAnchor } from "../ui/links.tsx";
import classes from "./ExecutionPage.module.css";
import { WhatToDo } from "./WhatToDo.tsx";

/** The step whose failure ended the run. */
export const culpritOf = (run: Run): NodeRun | undefined =>
  run.error ? run.nodes.find((entry) => entry.status === "failed") : undefined;

export function Problem({ run }: { run: Run }) {
  const node = culpritOf(run);
  return (
    <div className={classes.problem} role="alert">
      <strong>{node ? `${node.name} failed` : "The run did not end well"}</strong>
      <p>{run.error?.message}</p>
      <LinkAnchor to="/docs/$page" params={{ page: "codes" }} hash={run.error?.code ?? ""} size="sm">
        <code>{run.error?.code}</code>
      </LinkAnchor>
      {node && <WhatToDo run={run} node={node} />}
    </div>
  );
}
