/** A screen or list with nothing in it: what it is for, and what to do next. */
import { Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./EmptyState.module.css";

interface Props {
  title: string;
  text: ReactNode;
  icon?: ReactNode;
  action?: ReactNode;
  role?: "alert" | "status";
  /** Whether it stands in place of a whole screen, so that its title is the screen's. */
  isScreen?: boolean;
}

export function EmptyState({ title, text, icon, action, role, isScreen }: Props) {
  return (
    <div className={classes.root} role={role}>
      {icon && <div className={classes.icon}>{icon}</div>}
      <Title order={isScreen ? 1 : 2} size="h2">
        {title}
      </Title>
      <Text c="dimmed" size="md" className={classes.text}>
        {text}
      </Text>
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
