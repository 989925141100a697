import { expect, test } from "vitest";
import type { NodeRun, Run } from "../editor/session/run.ts";
import { rowsOf } from "./Timeline.tsx";

const node: NodeRun = {
  nodeId: "a",
  name: "A",
  status: "success",
  input: null,
  output: null,
  port: null,
  error: null,
  attempts: 1,
  startedAt: null,
  finishedAt: null,
  credentialId: null,
};

test("a waterfall places each node by when it began and how long it took", () => {
  const run: Run = {
    id: "exec_1",
    workflowId: "wf_1",
    workflowVersion: 1,
    status: "success",
    trigger: { kind: "manual" },
    input: {},
    output: null,
    createdAt: "2026-11-22T10:00:00.000Z",
    startedAt: "2026-11-22T10:00:00.000Z",
    finishedAt: "2026-11-22T10:00:01.000Z",
    nodes: [
      { ...node, startedAt: "2026-11-22T10:00:00.000Z", finishedAt: "2026-11-22T10:00:00.250Z" },
      { ...node, nodeId: "b", startedAt: "2026-11-22T10:00:00.250Z", finishedAt: "2026-11-22T10:00:01.000Z" },
      { ...node, nodeId: "c", status: "skipped" },
    ],
  };
  const { rows, totalMs } = rowsOf(run, 0);
  expect(totalMs).toBe(1_000);
  expect(rows.map((row) => [row.node.nodeId, row.left, row.width])).toEqual([
    ["a", 0, 0.25],
    ["b", 0.25, 0.75],
  ]);
});

test("a node that was tried again is drawn attempt by attempt with the waits between them", () => {
  const error = { code: "http.status", message: "The service answered with status 503." };
  const at = (ms: number) => new Date(Date.parse("2026-11-22T10:00:00.000Z") + ms).toISOString();
  const tried: NodeRun = {
    ...node,
    status: "waiting",
    attempts: 2,
    startedAt: at(0),
    attemptDetails: [
      { number: 1, startedAt: at(0), finishedAt: at(100), error, nextAt: at(400) },
      { number: 2, startedAt: at(500), finishedAt: at(600), error, nextAt: at(5_000) },
    ],
  };
  const run: Run = {
    id: "exec_1",
    workflowId: "wf_1",
    workflowVersion: 1,
    status: "running",
    trigger: { kind: "manual" },
    input: {},
    output: null,
    createdAt: at(0),
    startedAt: at(0),
    finishedAt: null,
    nodes: [tried, { ...node, nodeId: "b", startedAt: at(0), finishedAt: at(10) }],
  };
  const { rows } = rowsOf(run, Date.parse(at(1_000)));
  expect(rows[0]?.pieces.map(({ key, state, left, width }) => [key, state, left, width])).toEqual([
    ["wait1", "wait", 0.1, 0.4],
    ["attempt1", "failed", 0, 0.1],
    // The wait that still goes on is drawn up to now.
    ["wait2", "wait", 0.6, 0.4],
    ["attempt2", "failed", 0.5, 0.1],
  ]);
  expect(rows[0]?.pieces[1]?.label).toBe("Attempt 1: failed with http.status, 100 ms");
  expect(rows[1]?.pieces).toEqual([]);
});
