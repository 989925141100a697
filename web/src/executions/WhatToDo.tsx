/** What to do about a step that failed, and the way to where it is done. */
import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { NodeRun, Run } from "../editor/session/run.ts";
import { LinkButton } from "../ui/links.tsx";
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
        <LinkButton
          to="/workflows/$workflowId"
          params={{ workflowId: run.workflowId }}
          search={{ node: node.nodeId, run: run.id }}
          size="xs"
          variant="default"
        >
          Open this node in the editor
        </LinkButton>
      </Group>
    </div>
  );
}
