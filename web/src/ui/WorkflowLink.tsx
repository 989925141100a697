/** The way to a workflow, by its name. */
import type { AnchorProps } from "@mantine/core";
import { LinkAnchor } from "./links.tsx";

interface Props extends AnchorProps {
  id: string;
  name: string;
}

export const WorkflowLink = ({ id, name, ...look }: Props) => (
  <LinkAnchor to="/workflows/$workflowId" params={{ workflowId: id }} {...look}>
    {name}
  </LinkAnchor>
);
