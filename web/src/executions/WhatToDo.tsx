/** What to do about a step that failed, and the way to where it is done. */
import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { NodeRun, Run } from "../editor/session/run.ts";
import { adviceFor, sentencesOf } from "./advice.ts";
import { CredentialRemedy } from "./CredentialRemedy.tsx";
import classes from "./ExecutionPage.module.css";

/** The sentences of the guide come when something failed, not with every run. */
const sentencesQuery = {
  queryKey: ["guide", "codes"],
  queryFn: async () => sentencesOf((await import("../../../docs/errors/executions.md?raw")).default),
  staleTime: Number.POSITIVE_INFINITY,
};

const NOTHING: ReadonlyMap<string, string> = new Map();

export function WhatToDo({ run, node }: { run: Run; node: NodeRun }) {
  const { data } = useQuery(sentencesQuery);
  if (!node.error) return null;
  const advice = adviceFor({ ...node, error: node.error }, data ?? NOTHING);
  const remedies = advice?.remedies ?? ["node"];
  const ofCredential = remedies.find((remedy) => remedy !== "node");
  return (
    <div className={classes.advice}>
      {advice && <p>{advice.text}</p>}
      <Group gap="xs">
        {ofCredential && node.credentialId && (
          <CredentialRemedy id={node.credentialId} hasEnded={ofCredential === "reconnect"} />
        )}
        <Button
          component={Link}
          to="/workflows/$workflowId"
          params={{ workflowId: run.workflowId } as never}
          search={{ node: node.nodeId, run: run.id } as never}
          size="xs"
          variant="default"
        >
          Open this node in the editor
        </Button>
      </Group>
    </div>
  );
}
