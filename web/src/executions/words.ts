/** Words for what set a run off, and how long it took. */
import type { components } from "#api";
import type { ToldAttempt } from "../editor/session/attempts.ts";
import { formatDuration } from "../lib/format.ts";

/** What can set a run off, in the words of the interface. */
export const TRIGGERS: Record<string, string> = {
  manual: "By hand",
  webhook: "Webhook",
  schedule: "Schedule",
  event: "Event of a service",
  subWorkflow: "Another workflow",
  error: "A failed run",
  replay: "Replay",
  test: "Test",
};

/** What set a run off. */
export const triggerText = (trigger: Pick<components["schemas"]["RunTrigger"], "kind">): string =>
  TRIGGERS[trigger.kind] ?? trigger.kind;

/** How long a run took, or has gone on until now. */
export function durationText(
  from: string | null | undefined,
  to: string | null | undefined,
  now: number = Date.now(),
): string {
  if (!from) return "–";
  return formatDuration(Math.max(0, (to ? Date.parse(to) : now) - Date.parse(from)));
}

/** How long the next attempt was waited for, or when it follows. */
export function waitText({ to, waitsUntil, isWaiting }: ToldAttempt, now: number): string | undefined {
  if (waitsUntil === undefined) return undefined;
  if (!isWaiting) return `Waited ${formatDuration(Math.max(0, waitsUntil - to))} for the next`;
  // Whole seconds, so that the countdown does not flicker.
  const seconds = Math.ceil((waitsUntil - now) / 1_000);
  return seconds > 0 ? `The next follows in ${formatCountdown(seconds)}` : "The next is about to begin";
}

function formatCountdown(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000);
}
