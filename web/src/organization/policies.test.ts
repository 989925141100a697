import { expect, it } from "vitest";
import { changedPolicies, numberOrNone, POLICIES, placeWith, shownPolicies, tidyList } from "./policies.ts";

it("shows the policies that the server has, and no others", () => {
  const names = (policies: Record<string, unknown>) =>
    shownPolicies(policies).flatMap((group) => group.policies.map((policy) => policy.name));
  expect(names({ requireMfa: false, somethingNew: 3 })).toEqual(["requireMfa"]);
  expect(names({})).toEqual([]);
});

it("has one line for each policy", () => {
  const names = POLICIES.flatMap((group) => group.policies.map((policy) => policy.name));
  expect(new Set(names).size).toBe(names.length);
});

it("names what changed, in lists too", () => {
  expect(changedPolicies({ a: [1], b: 1 }, { a: [1], b: 2 })).toEqual(["b"]);
  expect(changedPolicies({ a: ["x"] }, { a: ["x", "y"] })).toEqual(["a"]);
});

it("takes an empty number for no limit", () => {
  expect(numberOrNone("")).toBeNull();
  expect(numberOrNone(90)).toBe(90);
  expect(numberOrNone("90")).toBe(90);
});

it("writes a list as the server compares it", () => {
  expect(tidyList([" Example.com", "example.com", "", "b.example"])).toEqual(["example.com", "b.example"]);
});

it("begins a place with the least role, and ends it with its workspace", () => {
  expect(placeWith(null, { workspaceId: "ws_1" })).toEqual({ workspaceId: "ws_1", role: "viewer" });
  expect(placeWith({ workspaceId: "ws_1", role: "viewer" }, { role: "editor" })).toEqual({
    workspaceId: "ws_1",
    role: "editor",
  });
  expect(placeWith({ workspaceId: "ws_1", role: "editor" }, { workspaceId: "" })).toBeNull();
});
