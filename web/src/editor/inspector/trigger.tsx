/** What the panel of a trigger tells: where a webhook listens, when a schedule fires. */

import { formatDateTime } from "../../lib/format.ts";
import { CopyIcon } from "../../ui/CopyIcon.tsx";
import type { WorkflowNode } from "../model/document.ts";
import { useLive } from "../session/live.ts";
import { useSession } from "../session/session.tsx";
import classes from "./Inspector.module.css";

/** The URL that the webhook listens at. */
export function WebhookAddress({ node }: { node: WorkflowNode }) {
  const session = useSession();
  const facts = useLive(session.facts, (known) => known);
  const path = typeof node.parameters.path === "string" ? node.parameters.path.replace(/^\/+|\/+$/g, "") : "";
  if (path === "") return null;
  const base = facts.webhookUrl?.replace(/\/webhook\/.*$/, "") ?? window.location.origin;
  const url = `${base}/webhook/${path}`;
  return (
    <div className={classes.field}>
      <div className={classes.label}>URL</div>
      <div className={classes.url}>
        <code title={url}>{url}</code>
        <CopyIcon value={url} label="Copy the URL" />
      </div>
      <p className={classes.help}>
        {facts.status === "active" ? "It listens now." : "It listens once the workflow is active."}
      </p>
    </div>
  );
}

/** When the schedule fires next. */
export function NextRuns() {
  const session = useSession();
  const next = useLive(session.verdict, (found) => found.nextRuns);
  if (next.length === 0) return null;
  return (
    <div className={classes.field}>
      <div className={classes.label}>Next times</div>
      <ol className={classes.next}>
        {next.map((time) => (
          <li key={time}>
            <time dateTime={time}>{formatDateTime(time)}</time>
          </li>
        ))}
      </ol>
    </div>
  );
}
