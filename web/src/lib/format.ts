/** Times and amounts in words. */

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dateOnly = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 30],
  ["month", 12],
  ["year", Number.POSITIVE_INFINITY],
];

/** The date and time, in the reader's language and zone. */
export const formatDateTime = (text: string): string => dateTime.format(new Date(text));

/** The time of day with its seconds. */
export const formatClock = (text: string): string => clock.format(new Date(text));

/** The date alone. */
export const formatDate = (text: string): string => dateOnly.format(new Date(text));

/** How long ago, or in how long: `2 min ago`. */
export function formatAgo(text: string, now: number = Date.now()): string {
  let amount = (new Date(text).getTime() - now) / 1000;
  if (Math.abs(amount) < 10) return "just now";
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
    amount /= size;
  }
  return formatDate(text);
}

/** A duration in milliseconds, to about three digits. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  // Whole seconds first, so that no minute has sixty of them.
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 workflow`, `12 workflows`. */
export const count = (amount: number, one: string, many: string = `${one}s`): string =>
  `${amount.toLocaleString()} ${amount === 1 ? one : many}`;
