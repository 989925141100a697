import { expect, it } from "vitest";
import { isWider, mustAsk } from "./words.ts";

it("knows which scope is wider", () => {
  expect(isWider("personal", "workspace")).toBe(true);
  expect(isWider("workspace", "organization")).toBe(true);
  expect(isWider("organization", "workspace")).toBe(false);
  expect(isWider("workspace", "workspace")).toBe(false);
});

it("asks only where one may ask and not widen", () => {
  const editor = ["credentials.askScope"];
  const admin = ["credentials.askScope", "credentials.widenWorkspace"];
  expect(mustAsk(editor, "personal", "workspace")).toBe(true);
  expect(mustAsk(admin, "personal", "workspace")).toBe(false);
  expect(mustAsk(admin, "workspace", "organization")).toBe(true);
  expect(mustAsk(editor, "workspace", "personal")).toBe(false);
  expect(mustAsk([], "personal", "workspace")).toBe(false);
});
