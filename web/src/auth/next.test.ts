import { expect, it } from "vitest";
import { safeNext } from "./next.ts";

it("goes only to addresses inside the interface after signing in", () => {
  expect(safeNext("/logs/exec_1?a=b")).toBe("/logs/exec_1?a=b");
  for (const elsewhere of [
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "",
    undefined,
  ]) {
    expect(safeNext(elsewhere)).toBe("/");
  }
});
