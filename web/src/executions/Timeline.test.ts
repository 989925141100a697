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
