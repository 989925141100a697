/** What a service tells: every event with what it brings. */
import { Button, Text } from "@mantine/core";
import classes from "./Operations.module.css";
import { SchemaTable } from "./SchemaTable.tsx";
import type { Trigger } from "./types.ts";

interface Props {
  readonly triggers: readonly Trigger[];
  /** Makes a workflow that waits for an event; left out for people who may not. */
  readonly onUse: ((trigger: Trigger) => void) | undefined;
}

export function Events({ triggers, onUse }: Props) {
  return (
    <div className={classes.list}>
      {triggers.map((trigger) => (
        <section key={trigger.id} className={classes.event} aria-label={trigger.name}>
          <h2>{trigger.name}</h2>
          <Text size="sm" c="dimmed">
            {trigger.description}
          </Text>
          {trigger.payload && (
            <SchemaTable title="What it brings" about={trigger.name} schema={trigger.payload} />
          )}
          {onUse && trigger.way && (
            <Button
              variant="default"
              size="xs"
              mt="md"
              aria-label={`Use in workflow: ${trigger.name}`}
              onClick={() => onUse(trigger)}
            >
              Use in workflow
            </Button>
          )}
        </section>
      ))}
    </div>
  );
}
