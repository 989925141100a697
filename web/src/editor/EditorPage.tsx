/** One workflow, as its document. */
import { Code } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Page } from "../ui/Page.tsx";
import { workflowQuery } from "../workflows/queries.ts";

export default function EditorPage() {
  const { workflowId } = useParams({ from: "/inside/workflows/$workflowId" });
  const { data } = useSuspenseQuery(workflowQuery(workflowId));
  const document = data as { name?: string };
  return (
    <Page
      title={document.name ?? "Workflow"}
      lead="The workflow's document. It names credentials only by their ID."
    >
      <Code block>{JSON.stringify(document, null, 2)}</Code>
    </Page>
  );
}
