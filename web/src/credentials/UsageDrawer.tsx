/** Where a credential is used: workflows and the last executions. */
import { Alert, Anchor, Drawer, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { sentence } from "../api/problem.ts";
import type { Credential } from "../api/types.ts";
import { count } from "../lib/format.ts";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import classes from "./Drawers.module.css";
import { credentialUsageQuery } from "./queries.ts";

export function UsageDrawer({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const { data, error } = useQuery(credentialUsageQuery(credential.id));
  return (
    <Drawer opened onClose={onClose} title={`Usage of ${credential.name}`} size="md">
      {error && <Alert color="red">{sentence(error)}</Alert>}
      {!data && !error && <ScreenLoader />}
      {data && (
        <Stack gap="lg">
          <section>
            <Title order={3}>Workflows</Title>
            {data.items.length === 0 && (
              <Text c="dimmed" size="sm">
                No workflow refers to it.
              </Text>
            )}
            <ul className={classes.list}>
              {data.items.map((workflow) => (
                <li key={workflow.workflowId}>
                  <span>
                    <Anchor
                      component={Link}
                      to="/workflows/$workflowId"
                      params={{ workflowId: workflow.workflowId } as never}
                      fw={560}
                      c="inherit"
                    >
                      {workflow.name}
                    </Anchor>
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
            <Title order={3}>Last executions</Title>
            {data.executions.length === 0 && (
              <Text c="dimmed" size="sm">
                No execution has used it yet.
              </Text>
            )}
            <ul className={classes.list}>
              {data.executions.map((id) => (
                <li key={id}>
                  <Anchor
                    component={Link}
                    to="/logs/$executionId"
                    params={{ executionId: id } as never}
                    c="inherit"
                    size="xs"
                    ff="monospace"
                  >
                    {id}
                  </Anchor>
                </li>
              ))}
            </ul>
          </section>
        </Stack>
      )}
    </Drawer>
  );
}
