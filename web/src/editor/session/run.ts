/**
 * A run as a screen follows it: the state that the API gives, brought forward by server-sent events.
 *
 * Pure: {@link follow} takes a state and an event. The reader of the stream is in `events.ts`.
 */

import type { components } from "#api";
import type { Json } from "../model/document.ts";
import { attemptBegan, attemptFailed, lastAttemptEnded } from "./attempts.ts";

type Schemas = components["schemas"];

/** The state of a run. */
export type RunStatus = Schemas["ExecutionStatus"];
/** The state of a node in a run. */
export type NodeStatus = Schemas["NodeStatus"];

/** An error with a stable code and a sentence that says what to do. */
export type ErrorInfo = Schemas["ErrorInfo"];

/** What is told of one node of a run; a node in a loop has one per iteration. The description leaves its data open. */
export type NodeRun = Readonly<
  Omit<Schemas["NodeReport"], "input" | "output" | "iteration"> & {
    input: Json;
    output: Json;
    iteration?: readonly number[] | null;
  }
>;

/** A run. The description leaves its data open. */
export type Run = Readonly<
  Omit<Schemas["ExecutionBody"], "input" | "output" | "nodes"> & {
    input: Json;
    output: Json;
    nodes: readonly NodeRun[];
  }
>;

/** A server-sent event of a run. */
export type RunEvent = Readonly<Schemas["ExecutionEvent"]>;

/** Whether nothing more will happen. */
export function isFinal(status: RunStatus): boolean {
  return status === "success" || status === "failed" || status === "cancelled" || status === "timeout";
}

type Iteration = readonly number[] | null | undefined;

const sameIteration = (left: Iteration, right: Iteration) => (left ?? []).join() === (right ?? []).join();

/** The run after an event. What an event does not tell (input, output) is read with a GET when the run has ended. */
export function follow(run: Run, event: RunEvent, nameOf: (nodeId: string) => string): Run {
  switch (event.event) {
    case "snapshot":
      return caughtUp(run, event, nameOf);
    case "statusChanged":
      return { ...run, status: event.status };
    case "finished":
      return { ...run, status: event.status, error: event.error ?? null, finishedAt: event.at };
    case "nodeStarted":
      return withNode(run, event, nameOf, (node) => ({
        ...node,
        status: "running",
        attempts: event.attempt,
        startedAt: node.startedAt ?? event.at,
        ...attemptBegan(node, event.attempt, event.at),
      }));
    case "attemptFailed":
      return withNode(run, event, nameOf, (node) => ({
        ...node,
        status: "waiting",
        attempts: event.attempt,
        ...attemptFailed(node, event),
      }));
    case "nodeFinished":
      return withNode(run, event, nameOf, (node) => ({
        ...node,
        status: event.status,
        port: event.port ?? null,
        error: event.error ?? null,
        startedAt: node.startedAt ?? event.at,
        finishedAt: event.status === "waiting" || event.status === "running" ? null : event.at,
        ...lastAttemptEnded(node, event.error, event.at),
      }));
    default:
      // A newer server may tell more; the GET at the end has it all.
      return run;
  }
}

/** The run as a snapshot says that it stands. What is known of a node stays: a snapshot has only its state. */
function caughtUp(
  run: Run,
  event: RunEvent & { event: "snapshot" },
  nameOf: (nodeId: string) => string,
): Run {
  const nodes = event.nodes.reduce(
    (before, told) => withNode(before, told, nameOf, (node) => ({ ...node, status: told.status })),
    run,
  ).nodes;
  return { ...run, nodes, status: event.status, ...(event.error ? { error: event.error } : {}) };
}

function withNode(
  run: Run,
  event: { readonly nodeId: string; readonly iteration?: readonly number[] },
  nameOf: (nodeId: string) => string,
  change: (node: NodeRun) => NodeRun,
): Run {
  const place = run.nodes.findIndex(
    (node) => node.nodeId === event.nodeId && sameIteration(node.iteration, event.iteration),
  );
  const blank: NodeRun = {
    nodeId: event.nodeId,
    name: nameOf(event.nodeId),
    status: "running",
    input: null,
    output: null,
    port: null,
    error: null,
    attempts: 1,
    startedAt: null,
    finishedAt: null,
    credentialId: null,
    ...(event.iteration ? { iteration: event.iteration } : {}),
  };
  const nodes =
    place < 0
      ? [...run.nodes, change(blank)]
      : run.nodes.map((node, at) => (at === place ? change(node) : node));
  const status = run.status === "pending" ? "running" : run.status;
  return { ...run, status, nodes };
}

/** How a node stands over all of its iterations: what a person has to know first. */
export interface NodeSummary {
  readonly status: NodeStatus;
  readonly runs: number;
  readonly failures: number;
  readonly error?: ErrorInfo;
  /** Milliseconds that it took, over all iterations. */
  readonly tookMs: number;
}

const WEIGHT: Record<NodeStatus, number> = {
  running: 5,
  failed: 4,
  waiting: 3,
  cancelled: 2,
  success: 1,
  skipped: 0,
};

/** Each node of a run, its iterations taken together. */
export function summarize(run: Run | undefined): ReadonlyMap<string, NodeSummary> {
  const map = new Map<string, NodeSummary>();
  for (const node of run?.nodes ?? []) {
    const former = map.get(node.nodeId);
    const worse = !former || WEIGHT[node.status] > WEIGHT[former.status] ? node.status : former.status;
    const error = former?.error ?? node.error ?? undefined;
    map.set(node.nodeId, {
      status: worse,
      runs: (former?.runs ?? 0) + (node.status === "skipped" ? 0 : 1),
      failures: (former?.failures ?? 0) + (node.status === "failed" ? 1 : 0),
      tookMs: (former?.tookMs ?? 0) + tookMs(node),
      ...(error ? { error } : {}),
    });
  }
  return map;
}

/** Milliseconds that a node took; 0 while it goes on. */
export function tookMs(node: {
  readonly startedAt?: string | null;
  readonly finishedAt?: string | null;
}): number {
  if (!node.startedAt || !node.finishedAt) return 0;
  return Math.max(0, Date.parse(node.finishedAt) - Date.parse(node.startedAt));
}

/** The connections that a run went along: the node before ended well and left by the edge's port. */
export function wentAlong(
  run: Run | undefined,
): (edge: { readonly from: string; readonly fromPort: string; readonly to: string }) => boolean {
  const left = new Map<string, Set<string>>();
  const reached = new Set<string>();
  for (const node of run?.nodes ?? []) {
    if (node.status !== "skipped") reached.add(node.nodeId);
    if (node.port) left.set(node.nodeId, (left.get(node.nodeId) ?? new Set()).add(node.port));
  }
  return (edge) =>
    reached.has(edge.to) &&
    (left.get(edge.from)?.has(edge.fromPort) === true ||
      (edge.fromPort === "loop" && reached.has(edge.from)));
}
