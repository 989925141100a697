/** How long ago something was, with the exact time on hover. */
import { Tooltip } from "@mantine/core";
import { formatAgo, formatDateTime } from "../lib/format.ts";

export function Ago({ at, never = "Never" }: { at: string | null | undefined; never?: string }) {
  if (!at) return <span>{never}</span>;
  return (
    <Tooltip label={formatDateTime(at)}>
      <time dateTime={at}>{formatAgo(at)}</time>
    </Tooltip>
  );
}
