/** Where a credential is used: workflows and the last executions. */
import { Drawer, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Credential } from "../api/types.ts";
import { useCan } from "../auth/me.ts";
import { count } from "../lib/format.ts";
import { NotYet } from "../ui/NotYet.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { WorkflowLink } from "../ui/WorkflowLink.tsx";
import classes from "./Drawers.module.css";
import { ExecutionLink } from "./ExecutionLink.tsx";
import { LastUses } from "./LastUses.tsx";
import { credentialUsageQuery } from "./queries.ts";

export function UsageDrawer({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const query = useQuery(credentialUsageQuery(credential.id));
  const { data } = query;
  const canReadLog = useCan("audit.read");
  return (
    <Drawer opened onClose={onClose} title={`Usage of ${credential.name}`} size="md">
      <NotYet query={query} failed="The usage could not be read" isPart />
      {data && (
        <Stack gap="lg">
          <section>
            <Title order={3}>Workflows</Title>
            {data.items.length === 0 && (
              <Text c="dimmed" size="sm">
                No workflow refers to it.
              </Text>
            )}
            <ul className={`${classes.list} ${classes.long}`}>
              {data.items.map((workflow) => (
                <li key={workflow.workflowId}>
                  <span>
                    <WorkflowLink
                      id={workflow.workflowId}
                      name={workflow.name}
                      size="sm"
                      fw={560}
                      c="inherit"
                    />
                    <Text size="xs" c="dimmed">
                      {count(workflow.nodes.length, "node")}
                    </Text>
                  </span>
                  {workflow.active && <StatusPill status="active" />}
                </li>
              ))}
            </ul>
          </section>
          <section>
            <Title order={3}>{canReadLog ? "Last uses" : "Last executions"}</Title>
            {canReadLog ? <LastUses credentialId={credential.id} /> : <Executions ids={data.executions} />}
          </section>
        </Stack>
      )}
    </Drawer>
  );
}

/** The executions alone: when and with what outcome stands in the audit log, which not everybody may read. */
function Executions({ ids }: { ids: string[] }) {
  if (ids.length === 0) {
    return (
      <Text c="dimmed" size="sm">
        No execution has used it yet.
      </Text>
    );
  }
  return (
    <ul className={classes.list}>
      {ids.map((id) => (
        <li key={id}>
          <ExecutionLink id={id}>{id}</ExecutionLink>
        </li>
      ))}
    </ul>
  );
}
