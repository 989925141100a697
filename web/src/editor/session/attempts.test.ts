import { expect, test } from "vitest";
import { toldAttempts } from "./attempts.ts";
import { follow, type NodeRun, type Run } from "./run.ts";

const blank: Run = {
  id: "exec_1",
  workflowId: "wf_1",
  workflowVersion: 1,
  status: "running",
  trigger: { kind: "manual" },
  input: {},
  nodes: [],
  output: null,
  createdAt: "2026-11-22T10:00:00Z",
};
const at = (second: number) => `2026-11-22T10:00:${String(second).padStart(2, "0")}Z`;
const ms = (second: number) => Date.parse(at(second));
const refused = { code: "http.status", message: "The service answered with status 503." };
const name = (id: string) => id;
const began = (attempt: number, second: number) =>
  ({ event: "nodeStarted", nodeId: "a", attempt, at: at(second) }) as const;
const failed = {
  event: "attemptFailed",
  nodeId: "a",
  attempt: 1,
  error: refused,
  at: at(2),
  nextAt: at(12),
} as const;
const only = (run: Run) => run.nodes[0] as NodeRun;

test("a failed attempt and the wait for the next one show while the run goes on", () => {
  let run = follow(blank, began(1, 1), name);
  expect(only(run).attemptDetails).toBeUndefined();
  run = follow(run, failed, name);
  expect(only(run)).toMatchObject({ status: "waiting", attempts: 1 });
  const waiting = toldAttempts(only(run), false, ms(5));
  expect(waiting).toMatchObject([
    {
      state: "failed",
      from: ms(1),
      to: ms(2),
      waitsUntil: ms(12),
      isWaiting: true,
      attempt: { error: refused },
    },
  ]);
  run = follow(run, began(2, 13), name);
  expect(toldAttempts(only(run), false, ms(15))).toMatchObject([
    { state: "failed", waitsUntil: ms(13), isWaiting: false },
    { state: "running", from: ms(13), to: ms(15), waitsUntil: undefined },
  ]);
  run = follow(
    run,
    { event: "nodeFinished", nodeId: "a", status: "success", port: "output", at: at(14) },
    name,
  );
  expect(toldAttempts(only(run), true, ms(50))[1]).toMatchObject({ state: "success", to: ms(14) });
});

test("an event that tells what a read has told already changes nothing", () => {
  const known = { number: 1, startedAt: at(1), finishedAt: at(2), error: refused, nextAt: at(12) };
  const node = { ...only(follow(blank, began(1, 1), name)), attemptDetails: [known] };
  let run = follow({ ...blank, nodes: [node] }, failed, name);
  expect(only(run).attemptDetails).toEqual([known]);
  run = follow(run, began(2, 13), name);
  run = follow(run, began(2, 13), name);
  expect(only(run).attemptDetails).toEqual([known, { number: 2, startedAt: at(13) }]);
});

test("a node that failed closes its last attempt, and one that needed a single one lists none", () => {
  const end = { event: "nodeFinished", nodeId: "a", status: "failed", error: refused, at: at(14) } as const;
  const tried = [began(1, 1), failed, began(2, 13), end].reduce(
    (run, event) => follow(run, event, name),
    blank,
  );
  expect(only(tried).attemptDetails?.[1]).toEqual({
    number: 2,
    startedAt: at(13),
    finishedAt: at(14),
    error: refused,
  });
  const once = follow(follow(blank, began(1, 1), name), end, name);
  expect(only(once).attemptDetails).toBeUndefined();
});

test("an attempt whose end is not known is told as such, and a wait that a stopped run never came out of has no end", () => {
  const node: NodeRun = {
    ...only(follow(blank, began(1, 1), name)),
    attemptDetails: [
      { number: 1, startedAt: at(1), uncertain: true },
      { number: 2, startedAt: at(5), finishedAt: at(6), error: refused, nextAt: at(20) },
    ],
  };
  expect(toldAttempts({ ...node, status: "cancelled" }, true, ms(30))).toMatchObject([
    { state: "cutShort", from: ms(1), to: ms(5) },
    { state: "failed", to: ms(6), waitsUntil: undefined, isWaiting: false },
  ]);
});
