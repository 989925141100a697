/** The way to a workflow, by its name. */
import { Anchor, type AnchorProps } from "@mantine/core";
import { Link } from "@tanstack/react-router";

interface Props extends AnchorProps {
  id: string;
  name: string;
}

export const WorkflowLink = ({ id, name, ...look }: Props) => (
  <Anchor component={Link} to="/workflows/$workflowId" params={{ workflowId: id } as never} {...look}>
    {name}
  </Anchor>
);
