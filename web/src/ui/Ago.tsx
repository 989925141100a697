/** How long ago something was, with the exact time on hover. Lists hold hundreds, so it is the browser's own tooltip. */
import { formatAgo, formatDateTime } from "../lib/format.ts";
import { useClock } from "../lib/use-now.ts";

export function Ago({ at, never = "Never" }: { at: string | null | undefined; never?: string }) {
  useClock();
  if (!at) return <span>{never}</span>;
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {formatAgo(at)}
    </time>
  );
}
