/**
 * The single attempts of a node, brought forward by events and told to people.
 *
 * A node whose first attempt was its end has none: its own times say it all.
 */

import type { components } from "#api";
import type { ErrorInfo, NodeRun } from "./run.ts";

/** One attempt of a node. */
export type Attempt = components["schemas"]["AttemptReport"];

type Listed = Pick<NodeRun, "attemptDetails">;

/** With an attempt changed in its place, or added: what is known of it stays. */
function listed(node: NodeRun, number: number, startedAt: string, change: Partial<Attempt>): Listed {
  const before = node.attemptDetails ?? [];
  const isKnown = before.some((attempt) => attempt.number === number);
  const attemptDetails = isKnown
    ? before.map((attempt) => (attempt.number === number ? { ...attempt, ...change } : attempt))
    : [...before, { number, startedAt, ...change }];
  return { attemptDetails };
}

/** An attempt began. The first one is listed when it fails. */
export const attemptBegan = (node: NodeRun, number: number, at: string): Listed =>
  number > 1 ? listed(node, number, at, {}) : {};

/** An attempt failed, and another one follows. */
export const attemptFailed = (
  node: NodeRun,
  failed: {
    readonly attempt: number;
    readonly error: ErrorInfo;
    readonly nextAt: string;
    readonly at: string;
  },
): Listed =>
  // Whoever came too late for its beginning knows that of the node, if it is the first.
  listed(node, failed.attempt, (failed.attempt === 1 && node.startedAt) || failed.at, {
    finishedAt: failed.at,
    error: failed.error,
    nextAt: failed.nextAt,
  });

/** The node ended, and with it the attempt that went on. */
export function lastAttemptEnded(node: NodeRun, error: ErrorInfo | undefined, at: string): Listed {
  const last = node.attemptDetails?.at(-1);
  if (!last || last.error) return {};
  return listed(node, last.number, last.startedAt, { finishedAt: at, ...(error ? { error } : {}) });
}

/** How an attempt stands: `cutShort` when Flero was stopped meanwhile, so that its end is not known. */
export type AttemptState = "running" | "success" | "failed" | "cancelled" | "cutShort";

/** An attempt with what lies around it, for the screen. Times are milliseconds since 1970. */
export interface ToldAttempt {
  readonly attempt: Attempt;
  readonly state: AttemptState;
  readonly from: number;
  /** Its end: now while it goes on, and the beginning of the next one where it is not known. */
  readonly to: number;
  /** Until when the next one is waited for. */
  readonly waitsUntil: number | undefined;
  /** Whether that is still to come. */
  readonly isWaiting: boolean;
}

/** The attempts of a node, in order, in a run that has ended or goes on. */
export function toldAttempts(node: NodeRun, hasEnded: boolean, now: number): readonly ToldAttempt[] {
  const all = node.attemptDetails ?? [];
  const isOver = hasEnded || Boolean(node.finishedAt);
  return all.map((attempt, place) => {
    const next = all[place + 1];
    const from = Date.parse(attempt.startedAt);
    const nextFrom = next && Date.parse(next.startedAt);
    const end = node.finishedAt ? Date.parse(node.finishedAt) : isOver ? from : now;
    const isWaiting = !next && !isOver && attempt.nextAt !== undefined;
    return {
      attempt,
      state: stateOf(attempt, node, next !== undefined, isOver),
      from,
      to: Math.max(from, attempt.finishedAt ? Date.parse(attempt.finishedAt) : (nextFrom ?? end)),
      waitsUntil: attempt.nextAt
        ? (nextFrom ?? (isWaiting ? Date.parse(attempt.nextAt) : undefined))
        : undefined,
      isWaiting,
    };
  });
}

function stateOf(attempt: Attempt, node: NodeRun, hasNext: boolean, isOver: boolean): AttemptState {
  if (attempt.error) return "failed";
  if (hasNext) return "cutShort";
  if (node.status === "success") return "success";
  return isOver ? "cancelled" : "running";
}
