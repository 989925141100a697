import { expect, it } from "vitest";
import source from "../../../crates/model/src/audit.rs?raw";
import { ACTIONS } from "./actions.ts";

it("offers every action that the program records", () => {
  const recorded = [...source.matchAll(/^ {4}[A-Z]\w+ = "([a-z_]+\.[a-z_]+)",$/gm)].map((match) => match[1]);
  expect(recorded.length).toBeGreaterThan(50);
  expect(recorded.filter((action) => !ACTIONS.includes(action ?? ""))).toEqual([]);
  expect(new Set(ACTIONS).size).toBe(ACTIONS.length);
});
