/** The frame of a screen: title, one line of explanation, actions on the right, content below. */
import { Text, Title } from "@mantine/core";
import { useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { HelpLink } from "./HelpLink.tsx";
import { helpFor } from "./help.ts";
import classes from "./Page.module.css";
import { useTitle } from "./use-title.ts";

interface Props {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** `narrow` for forms, `wide` for tables. */
  width?: "narrow" | "wide";
  children: ReactNode;
}

export function Page({ title, lead, actions, width = "wide", children }: Props) {
  useTitle(title);
  const help = useLocation({ select: ({ pathname }) => helpFor(pathname) });
  return (
    <div className={classes.page} data-width={width}>
      <header className={classes.header}>
        <div className={classes.words}>
          <div className={classes.title}>
            <Title order={1}>{title}</Title>
            {help && <HelpLink page={help} about={title} />}
          </div>
          {lead && (
            <Text c="dimmed" size="sm" mt={2}>
              {lead}
            </Text>
          )}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
