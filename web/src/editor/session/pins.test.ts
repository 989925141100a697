import { beforeEach, expect, test } from "vitest";
import { forgetPins } from "./pin-keys.ts";
import { keepPins, readPins } from "./pins.ts";
import { Runs } from "./runs.ts";

const nothing = { name: "", description: "", tags: [], nodes: [], edges: [], settings: {} };
const runs = () => new Runs("wf_1", () => nothing);

beforeEach(() => localStorage.clear());

test("pinned data is there again after a reload, and gone when it was taken away", () => {
  runs().pin("call", { total: 3 }, "true");
  const again = runs();
  expect(again.state.snapshot().data.get("call")).toMatchObject({
    output: { total: 3 },
    port: "true",
    pinned: true,
  });
  again.pin("call", undefined);
  expect(runs().state.snapshot().data.size).toBe(0);
  expect(localStorage.length).toBe(0);
});

test("a text that looks like a secret is not kept", () => {
  keepPins("wf_2", new Map([["call", { output: { key: "sk-abcdefghijklmnop", n: 1 }, port: "output" }]]));
  expect(localStorage.getItem("flero-pins:wf_2")).not.toContain("sk-");
  expect(readPins("wf_2").get("call")?.output).toEqual({ key: "", n: 1 });
});

test("what stands in the storage and is no pin is passed over", () => {
  localStorage.setItem("flero-pins:wf_3", '{"a":1,"b":{"output":2}}');
  expect(readPins("wf_3").size).toBe(0);
});

test("signing out leaves no pinned data, and nothing else is touched", () => {
  localStorage.setItem("other", "stays");
  keepPins("wf_4", new Map([["call", { output: 1, port: "output" }]]));
  forgetPins();
  expect(Object.keys(localStorage)).toEqual(["other"]);
});
