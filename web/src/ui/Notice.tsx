/** A remark in a coloured box. The icon and the words say it; the colour only repeats it. */
import { Text } from "@mantine/core";
import { CircleCheck, CircleX, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./Notice.module.css";

type Tone = "good" | "warn" | "bad" | "info";

const ICONS: Record<Tone, LucideIcon> = {
  good: CircleCheck,
  warn: TriangleAlert,
  bad: CircleX,
  info: Info,
};

interface Props {
  tone: Tone;
  title?: string;
  children: ReactNode;
  /** Something to do about it. */
  action?: ReactNode;
}

export function Notice({ tone, title, children, action }: Props) {
  const Icon = ICONS[tone];
  return (
    <div className={classes.root} data-tone={tone} role={tone === "bad" ? "alert" : "status"}>
      <Icon size={18} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        {title && (
          <Text fw={600} size="sm">
            {title}
          </Text>
        )}
        <Text size="sm" component="div">
          {children}
        </Text>
      </div>
      {action}
    </div>
  );
}
