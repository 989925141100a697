/** The button that makes a draft and opens it. */
import { Button, type ButtonProps } from "@mantine/core";
import { Plus } from "lucide-react";
import { useCan } from "../auth/me.ts";
import { useNewWorkflow } from "./use-new-workflow.ts";

export function NewWorkflow(props: Pick<ButtonProps, "size" | "variant">) {
  const canMake = useCan("workflows.create");
  const make = useNewWorkflow();
  if (!canMake) return null;
  return (
    <Button
      {...props}
      leftSection={<Plus size={15} aria-hidden />}
      loading={make.isPending}
      onClick={() => make.mutate()}
    >
      New workflow
    </Button>
  );
}
