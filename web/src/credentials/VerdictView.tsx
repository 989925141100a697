/** What a test brought to light, in plain words. */
import { Group, Text } from "@mantine/core";
import { CircleCheck, CircleHelp, CircleX, Unplug } from "lucide-react";
import type { Verdict } from "../api/types.ts";
import { formatDateTime, formatDuration } from "../lib/format.ts";
import classes from "../ui/Notice.module.css";
import own from "./VerdictView.module.css";

const VERDICTS = {
  accepted: { title: "The service accepted it", icon: CircleCheck, tone: "good" },
  refused: { title: "The service refused it", icon: CircleX, tone: "bad" },
  unverified: { title: "The service answered, but did not check it", icon: CircleHelp, tone: "warn" },
  unreachable: { title: "The service could not be reached", icon: Unplug, tone: "warn" },
  not_testable: { title: "It cannot be tested", icon: CircleHelp, tone: "idle" },
} as const;

export function VerdictView({ verdict }: { verdict: Verdict }) {
  const kind = VERDICTS[verdict.verdict as keyof typeof VERDICTS] ?? VERDICTS.not_testable;
  const Icon = kind.icon;
  return (
    <div className={classes.root} data-tone={kind.tone} role="status">
      <Icon size={18} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <Group justify="space-between" gap="xs">
          <Text fw={600} size="sm">
            {kind.title}
          </Text>
          {typeof verdict.latencyMs === "number" && (
            <Text size="xs" className={own.latency}>
              {formatDuration(verdict.latencyMs)}
            </Text>
          )}
        </Group>
        <Text size="sm">{verdict.message}</Text>
        {verdict.account && (
          <Text size="sm">
            Account: <strong>{verdict.account}</strong>
          </Text>
        )}
        {verdict.expiresAt && <Text size="sm">Ends: {formatDateTime(verdict.expiresAt)}</Text>}
        {verdict.missingScopes.length > 0 && (
          <Text size="sm">
            Permissions that are missing: <code>{verdict.missingScopes.join(", ")}</code>
          </Text>
        )}
      </div>
    </div>
  );
}
