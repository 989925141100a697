/** For whoever has no account at hand: the practice service where there is one, and an example that needs nothing. */
import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCan } from "../auth/me.ts";
import { EXAMPLE } from "./example.ts";
import classes from "./FirstSteps.module.css";
import { practiceQuery, usePractice } from "./practice.ts";
import { useNewWorkflow } from "./use-new-workflow.ts";

function Choice({ label, disabled, onClick }: { label: string; disabled: boolean; onClick: () => void }) {
  return (
    <Anchor component="button" type="button" inherit underline="always" disabled={disabled} onClick={onClick}>
      {label}
    </Anchor>
  );
}

export function NoAccount() {
  const canMake = useCan("workflows.create");
  const canConnect = useCan("credentials.createPersonal");
  const { data: practice } = useQuery({ ...practiceQuery, enabled: canMake && canConnect });
  const connect = usePractice();
  const example = useNewWorkflow(EXAMPLE);
  const isBusy = connect.isPending || example.isPending;
  if (!canMake) return null;
  return (
    <p className={classes.example}>
      No account at hand?{" "}
      {practice && (
        <>
          <Choice
            label="Connect the practice service"
            disabled={isBusy}
            onClick={() => connect.mutate(practice)}
          />
          , which runs beside Flero and opens nothing else, or{" "}
        </>
      )}
      <Choice
        label={practice ? "begin with an example" : "Begin with an example"}
        disabled={isBusy}
        onClick={() => example.mutate()}
      />{" "}
      that needs none: press Run, and look inside.
    </p>
  );
}
