/** What an import took over, and what it left out and why. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { count } from "../lib/format.ts";
import { LinkButton } from "../ui/links.tsx";
import classes from "./ImportReport.module.css";
import type { ImportResult } from "./types.ts";

interface Props {
  result: ImportResult;
  onClose: () => void;
  onMore: () => void;
}

export function ImportReport({ result: { connector, report }, onClose, onMore }: Props) {
  const isWhole = report.operations === report.total;
  const leftOut = report.leftOut.length + (report.moreLeftOut ?? 0);
  return (
    <Stack gap="md">
      <div className={classes.sum} data-whole={isWhole || undefined} role="status">
        {isWhole ? <CircleCheck size={18} aria-hidden /> : <TriangleAlert size={18} aria-hidden />}
        <Text size="sm">
          <strong>
            {isWhole
              ? `All ${count(report.total, "operation")} can be called`
              : `${report.operations} of ${count(report.total, "operation")} can be called`}
          </strong>
          {report.events > 0 && `; ${count(report.events, "event")} described`}.
        </Text>
      </div>
      {leftOut > 0 && (
        <div>
          <Text size="sm" fw={560} mb={4}>
            {count(leftOut, "part")} of the description {leftOut === 1 ? "was" : "were"} left out
          </Text>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
          <ul className={classes.list} tabIndex={0} aria-label="What was left out">
            {report.leftOut.map(({ pointer, reason }) => (
              <li key={`${pointer} ${reason}`}>
                <code>{pointer || "/"}</code>
                <span>{reason}</span>
              </li>
            ))}
            {(report.moreLeftOut ?? 0) > 0 && <li>and {report.moreLeftOut} more</li>}
          </ul>
        </div>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="subtle" color="gray" onClick={onMore}>
          Import another
        </Button>
        <LinkButton to="/catalog/$service" params={{ service: connector.id }} onClick={onClose}>
          Open {connector.name}
        </LinkButton>
      </Group>
    </Stack>
  );
}
