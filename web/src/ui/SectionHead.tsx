/** The head of a part of a screen: its title, a line about it, and beside them what can be done. */
import { Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./SectionHead.module.css";

interface Props {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export function SectionHead({ title, children, action }: Props) {
  return (
    <div className={classes.root}>
      <div className={classes.words}>
        <Title order={2}>{title}</Title>
        {children && (
          <Text size="sm" c="dimmed" component="p" m={0} className={classes.text}>
            {children}
          </Text>
        )}
      </div>
      {action}
    </div>
  );
}
