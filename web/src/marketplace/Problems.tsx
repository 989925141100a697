/** Registries that could not be read. What the others offer is there all the same. */
import { Button } from "@mantine/core";
import { Notice } from "../ui/Notice.tsx";
import classes from "./MarketplacePage.module.css";
import type { RegistryProblem } from "./types.ts";

interface Props {
  problems: readonly RegistryProblem[];
  names: ReadonlyMap<string, string>;
  isChecking: boolean;
  onAgain: () => void;
}

export function Problems({ problems, names, isChecking, onAgain }: Props) {
  if (problems.length === 0) return null;
  return (
    <div className={classes.problems}>
      {problems.map(({ registry, message }) => (
        <Notice
          key={registry}
          tone="warn"
          title={`${names.get(registry) ?? registry} is left out`}
          action={
            <Button
              size="compact-sm"
              variant="default"
              loading={isChecking}
              onClick={onAgain}
              aria-label={`Read again: ${names.get(registry) ?? registry}`}
            >
              Read again
            </Button>
          }
        >
          {message} What was installed from it stays as it is.
        </Notice>
      ))}
    </div>
  );
}
