import { describe, expect, test } from "vitest";
import { readEvents } from "./events.ts";
import { follow, type Run, type RunEvent, summarize, wentAlong } from "./run.ts";

const blank: Run = {
  id: "exec_1",
  workflowId: "wf_1",
  workflowVersion: 1,
  status: "pending",
  trigger: { kind: "manual" },
  input: {},
  nodes: [],
  output: null,
  createdAt: "2026-11-22T10:00:00Z",
};
const name = (id: string) => id.toUpperCase();
const at = (second: number) => `2026-11-22T10:00:0${second}Z`;

describe("following a run", () => {
  test("nodes begin, are tried again and end", () => {
    let run = follow(blank, { event: "nodeStarted", nodeId: "a", attempt: 1, at: at(1) }, name);
    expect(run).toMatchObject({ status: "running", nodes: [{ nodeId: "a", name: "A", status: "running" }] });
    run = follow(run, { event: "nodeFinished", nodeId: "a", status: "waiting", at: at(2) }, name);
    run = follow(run, { event: "nodeStarted", nodeId: "a", attempt: 2, at: at(3) }, name);
    run = follow(
      run,
      { event: "nodeFinished", nodeId: "a", status: "success", port: "output", at: at(4) },
      name,
    );
    run = follow(run, { event: "finished", status: "success", at: at(5) }, name);
    expect(run.nodes).toHaveLength(1);
    expect(run.nodes[0]).toMatchObject({ attempts: 2, startedAt: at(1), finishedAt: at(4), port: "output" });
    expect(summarize(run).get("a")).toMatchObject({ status: "success", tookMs: 3_000, runs: 1 });
    expect(run.status).toBe("success");
  });

  test("a snapshot brings the run up to date and takes nothing away", () => {
    let run = follow(blank, { event: "nodeStarted", nodeId: "a", attempt: 2, at: at(1) }, name);
    const nodes: (RunEvent & { event: "snapshot" })["nodes"] = [
      { nodeId: "a", status: "success" },
      { nodeId: "b", status: "running" },
    ];
    run = follow(run, { event: "snapshot", status: "running", nodes, at: at(2) }, name);
    expect(run.nodes).toMatchObject([
      { nodeId: "a", status: "success", attempts: 2, startedAt: at(1) },
      { nodeId: "b", name: "B", status: "running" },
    ]);
    expect(follow(run, { event: "later" } as never, name)).toBe(run);
  });

  test("iterations of a loop are told apart, and one failure shows", () => {
    let run = blank;
    for (const iteration of [[0], [1]]) {
      run = follow(run, { event: "nodeStarted", nodeId: "b", iteration, attempt: 1, at: at(1) }, name);
    }
    run = follow(
      run,
      {
        event: "nodeFinished",
        nodeId: "b",
        iteration: [0],
        status: "failed",
        error: { code: "x", message: "No." },
        at: at(2),
      },
      name,
    );
    run = follow(
      run,
      { event: "nodeFinished", nodeId: "b", iteration: [1], status: "success", at: at(2) },
      name,
    );
    expect(summarize(run).get("b")).toMatchObject({
      status: "failed",
      runs: 2,
      failures: 1,
      error: { code: "x" },
    });
  });

  test("an edge was gone along when its port was left by", () => {
    const node = {
      input: null,
      output: null,
      error: null,
      attempts: 1,
      startedAt: null,
      finishedAt: null,
      credentialId: null,
    };
    const run: Run = {
      ...blank,
      nodes: [
        { ...node, nodeId: "if", name: "If", status: "success", port: "true" },
        { ...node, nodeId: "yes", name: "Yes", status: "success", port: "output" },
        { ...node, nodeId: "no", name: "No", status: "skipped", port: null },
      ],
    };
    const along = wentAlong(run);
    expect(along({ from: "if", fromPort: "true", to: "yes" })).toBe(true);
    expect(along({ from: "if", fromPort: "false", to: "no" })).toBe(false);
  });
});

test("events are read across the borders of chunks", async () => {
  const text =
    'event: nodeStarted\ndata: {"a":1}\n\n: keep-alive\n\nevent: finished\r\ndata: {"b":2}\r\n\r\n';
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let place = 0; place < bytes.length; place += 7) controller.enqueue(bytes.slice(place, place + 7));
      controller.close();
    },
  });
  const found: unknown[] = [];
  for await (const event of readEvents(body)) found.push(event);
  expect(found).toEqual([
    { event: "nodeStarted", data: '{"a":1}' },
    { event: "finished", data: '{"b":2}' },
  ]);
});
