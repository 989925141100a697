/** One operation: what it does, its fields, an example, what it answers. */
import { Alert, Loader, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { sentence } from "../api/problem.ts";
import classes from "./Operations.module.css";
import { operationQuery } from "./queries.ts";
import { SchemaTable } from "./SchemaTable.tsx";

export function OperationDetail({ connector, operation }: { connector: string; operation: string }) {
  const { data, error } = useQuery(operationQuery(connector, operation));
  if (error) {
    return (
      <Alert color="red" role="alert">
        {sentence(error)}
      </Alert>
    );
  }
  if (!data) return <Loader size="xs" aria-label="Reading the operation" />;
  const example = data.hints.example?.inputs;
  return (
    <>
      {data.description && <Text size="sm">{data.description}</Text>}
      <SchemaTable
        title="Fields"
        about={data.name}
        schema={data.input}
        order={data.hints.order}
        saysRequired
      />
      {example && Object.keys(example).length > 0 && (
        <>
          <h3 className={classes.title}>Example</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
          <pre className={classes.code} tabIndex={0}>
            {JSON.stringify(example, null, 2)}
          </pre>
        </>
      )}
      {data.output && <SchemaTable title="What it answers" about={data.name} schema={data.output} />}
    </>
  );
}
