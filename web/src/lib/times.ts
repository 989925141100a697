/** A time that a list is narrowed to: as it stands in the address, and as the API takes it. */

/** Dates are days of the reader's calendar; `within` is a span up to now. */
export interface TimeSearch {
  within?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

const HOUR_MS = 3_600_000;

export const SPANS = [
  { value: "", label: "Any time", ms: undefined },
  { value: "1h", label: "Last hour", ms: HOUR_MS },
  { value: "24h", label: "Last 24 hours", ms: 24 * HOUR_MS },
  { value: "7d", label: "Last 7 days", ms: 7 * 24 * HOUR_MS },
  { value: "30d", label: "Last 30 days", ms: 30 * 24 * HOUR_MS },
  { value: "dates", label: "Between two days", ms: undefined },
] as const;

/** The beginning of a day, or of the day after it, where the reader is. */
function dayStart(day: string | undefined, plusDays: number): string | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? "");
  if (!match) return undefined;
  const date = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + plusDays);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** The API's part. A span begins at a whole minute, so that the list is not another one with every letter typed. */
export function timesOf(
  { within, from, to }: TimeSearch,
  now: number = Date.now(),
): { since?: string; until?: string } {
  const span = SPANS.find((entry) => entry.value === within)?.ms;
  const since = span ? new Date(Math.floor((now - span) / 60_000) * 60_000).toISOString() : dayStart(from, 0);
  const until = span ? undefined : dayStart(to, 1);
  return { ...(since ? { since } : {}), ...(until ? { until } : {}) };
}
