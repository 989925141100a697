/** One node of a run: what it took and gave, its attempts, its error and what to do, the credential that it used. */
import { Anchor, Group, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { KeyRound, TriangleAlert } from "lucide-react";
import type { WorkflowDocument } from "../editor/model/document.ts";
import { type NodeRun, type Run, tookMs } from "../editor/session/run.ts";
import { formatDuration } from "../lib/format.ts";
import { StatusPill } from "../ui/StatusPill.tsx";
import { Attempts } from "./Attempts.tsx";
import { RunData } from "./data/RunData.tsx";
import classes from "./ExecutionPage.module.css";
import { culpritOf } from "./Problem.tsx";
import { WhatToDo } from "./WhatToDo.tsx";

/** The credential that a node used. A name that is not told belongs to one that the reader may not see. */
function Credential({ id, name }: { id: string; name: string | undefined }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <KeyRound size={13} aria-hidden style={{ flex: "none", marginTop: 4 }} />
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        Used the credential{" "}
        {name ? (
          <Anchor
            component={Link}
            to="/settings/credentials"
            search={{ credential: id } as never}
            size="sm"
            underline="always"
          >
            {name}
          </Anchor>
        ) : (
          "that you cannot see"
        )}{" "}
        <code>{id}</code>
      </Text>
    </Group>
  );
}

/** One node of a run. */
export function NodeDetail({
  node,
  run,
  document,
}: {
  node: NodeRun;
  run: Run;
  document: WorkflowDocument | undefined;
}) {
  const type = document?.nodes.find((entry) => entry.id === node.nodeId)?.type;
  const facts = [
    type,
    node.startedAt ? formatDuration(tookMs(node)) : undefined,
    node.attempts > 1 ? `${node.attempts} attempts` : undefined,
    node.port ? `left by “${node.port}”` : undefined,
    (node.iteration?.length ?? 0) > 0
      ? `iteration ${(node.iteration ?? []).map((index) => index + 1).join(".")}`
      : undefined,
  ].filter(Boolean);
  return (
    <section className={classes.detail} aria-label={`Node ${node.name}`} data-detail={node.nodeId}>
      <Group gap="sm">
        <Title order={2}>{node.name}</Title>
        <StatusPill status={node.status} />
        <Text size="sm" c="dimmed">
          {facts.join(" · ")}
        </Text>
      </Group>
      {node.credentialId && <Credential id={node.credentialId} name={node.credentialName ?? undefined} />}
      {node.maybeDuplicated && (
        <div className={classes.warning} role="status">
          <TriangleAlert size={14} aria-hidden /> Flero was stopped while this call was in flight. The service
          may have done its work twice: look there.
        </div>
      )}
      {node.error && (
        <div className={classes.problem} role="alert">
          <p>{node.error.message}</p>
          <Anchor component={Link} to="/docs/codes" hash={node.error.code} size="sm">
            <code>{node.error.code}</code>
          </Anchor>
          {node !== culpritOf(run) && <WhatToDo run={run} node={node} />}
        </div>
      )}
      <Attempts node={node} run={run} />
      {(node.logs?.length ?? 0) > 0 && <RunData label="Console" value={[...(node.logs ?? [])]} />}
      {node.status === "skipped" ? (
        <Text size="sm" c="dimmed">
          The run did not come here.
        </Text>
      ) : (
        <div className={classes.two}>
          <RunData label="Input" value={node.input} root="$input" />
          <RunData label="Output" value={node.output} root={`$node[${JSON.stringify(node.name)}].json`} />
        </div>
      )}
    </section>
  );
}
