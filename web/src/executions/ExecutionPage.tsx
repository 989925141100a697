/** One run: its nodes with input, output and error. */
import { Accordion, Alert, Code, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Page } from "../ui/Page.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { executionQuery } from "./queries.ts";

/** What this screen shows of a node. The description of the API leaves nodes open. */
interface Node {
  nodeId: string;
  name: string;
  status: string;
  input?: unknown;
  output?: unknown;
  error?: { code: string; message: string } | null;
  credentialId?: string | null;
}

function Json({ label, data }: { label: string; data: unknown }) {
  const text = data === undefined || data === null ? "–" : JSON.stringify(data, null, 2);
  return (
    <div>
      <Title order={3} mb={4}>
        {label}
      </Title>
      <Code block tabIndex={0} aria-label={label}>
        {text.length > 200_000 ? `${text.slice(0, 200_000)}\n… (${text.length} characters in all)` : text}
      </Code>
    </div>
  );
}

export default function ExecutionPage() {
  const { executionId } = useParams({ from: "/inside/logs/$executionId" });
  const { data } = useSuspenseQuery(executionQuery(executionId));
  const nodes = (data.nodes ?? []) as unknown as Node[];
  const error = data.error as { message: string } | null | undefined;
  return (
    <Page title="Execution" lead={<code>{executionId}</code>} actions={<StatusPill status={data.status} />}>
      <Stack>
        {error && <Alert color="red">{error.message}</Alert>}
        <Title order={2}>Nodes</Title>
        <Accordion variant="contained" multiple>
          {nodes.map((node, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a node in a loop runs several times, in this order
            <Accordion.Item key={`${node.nodeId}-${at}`} value={`${at}`} data-node={node.nodeId}>
              <Accordion.Control>
                <Group gap="sm">
                  <StatusPill status={node.status} />
                  <Text fw={560}>{node.name}</Text>
                  {node.credentialId && <Code>{node.credentialId}</Code>}
                </Group>
              </Accordion.Control>
              <Accordion.Panel>
                {node.error && <Alert color="red">{`${node.error.message} (${node.error.code})`}</Alert>}
                <SimpleGrid cols={{ base: 1, md: 2 }}>
                  <Json label="Input" data={node.input} />
                  <Json label="Output" data={node.output} />
                </SimpleGrid>
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
        <Json label="Result" data={data.output} />
      </Stack>
    </Page>
  );
}
