/** What a service tells: every event with what it brings. */
import { Text } from "@mantine/core";
import classes from "./Operations.module.css";
import { SchemaTable } from "./SchemaTable.tsx";
import type { Trigger } from "./types.ts";

export function Events({ triggers }: { triggers: readonly Trigger[] }) {
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
        </section>
      ))}
    </div>
  );
}
