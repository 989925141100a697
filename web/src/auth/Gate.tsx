/** The frame of every screen in front of the door: sign in, register, accept an invite. */
import { Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Gate.module.css";

export function Gate({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.box}>
        <img src="/flero.svg" alt="Flero" width={40} height={40} />
        <Title order={1} mt="md">
          {title}
        </Title>
        {lead && (
          <Text c="dimmed" size="md" mt={4}>
            {lead}
          </Text>
        )}
        <div className={classes.body}>{children}</div>
      </div>
    </main>
  );
}
