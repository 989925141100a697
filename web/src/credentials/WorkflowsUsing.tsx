/** Which workflows refer to a credential. */
import { Alert, List, Loader, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { sentence } from "../api/problem.ts";
import { count } from "../lib/format.ts";
import { WorkflowLink } from "../ui/WorkflowLink.tsx";
import classes from "./Drawers.module.css";
import { credentialUsageQuery } from "./queries.ts";

export function WorkflowsUsing({ credentialId, verb }: { credentialId: string; verb: string }) {
  const { data, error } = useQuery(credentialUsageQuery(credentialId));
  if (error) return <Alert color="red">{sentence(error)}</Alert>;
  if (!data) return <Loader size="xs" aria-label="Looking for workflows that use it" />;
  if (data.items.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No workflow uses it.
      </Text>
    );
  }
  return (
    <Alert color="orange" title={`${count(data.total, "workflow")} will ${verb}`}>
      <List size="sm" className={classes.long ?? ""}>
        {data.items.map((workflow) => (
          <List.Item key={workflow.workflowId}>
            <WorkflowLink id={workflow.workflowId} name={workflow.name} inherit underline="always" />
            {workflow.active && " (active)"}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
