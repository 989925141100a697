/** For whoever has no account at hand: the practice service where there is one, and an example that needs nothing. */
import { Anchor, Button, type ButtonProps } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCan } from "../auth/me.ts";
import { EXAMPLE } from "./example.ts";
import classes from "./FirstSteps.module.css";
import { practiceQuery, usePractice } from "./practice.ts";
import { useNewWorkflow } from "./use-new-workflow.ts";

/** The practice service, if the operator offers one and the reader may use it. */
export function usePracticeOffer() {
  const canMake = useCan("workflows.create");
  const canConnect = useCan("credentials.createPersonal");
  return useQuery({ ...practiceQuery, enabled: canMake && canConnect }).data;
}

/** Connects the practice service in one click. */
export function ConnectPractice({ variant }: Pick<ButtonProps, "variant">) {
  const practice = usePracticeOffer();
  const connect = usePractice();
  if (!practice) return null;
  return (
    <Button size="xs" variant={variant} loading={connect.isPending} onClick={() => connect.mutate(practice)}>
      Connect the practice service
    </Button>
  );
}

export function NoAccount() {
  const canMake = useCan("workflows.create");
  const practice = usePracticeOffer();
  const example = useNewWorkflow(EXAMPLE);
  if (!canMake) return null;
  return (
    <p className={classes.example}>
      No account at hand?{" "}
      {practice &&
        "The practice service runs beside Flero and opens nothing else: one click stores its token and makes a workflow. Or "}
      <Anchor
        component="button"
        type="button"
        inherit
        underline="always"
        disabled={example.isPending}
        onClick={() => example.mutate()}
      >
        {practice ? "begin with an example" : "Begin with an example"}
      </Anchor>{" "}
      that needs none: press Run, and look inside.
    </p>
  );
}
