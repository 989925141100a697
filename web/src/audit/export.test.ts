import { expect, it } from "vitest";
import { asCsv, asJsonLines, cell } from "./export.ts";

const entry = {
  id: 1,
  at: "2026-01-01T00:00:00Z",
  actor: { kind: "user" } as never,
  action: "credential.created",
  target: "cred_1",
  detail: { name: '=HYPERLINK("x")' } as never,
};

it("exports the audit log as lines that other programs can read", () => {
  expect(JSON.parse(asJsonLines([entry]).trim())).toEqual(entry);
  const lines = asCsv([entry]).split("\r\n");
  expect(lines[0]).toBe("id,at,actor,action,target,detail");
  expect(lines[1]).toContain('"{""kind"":""user""}"');
});

it("disarms what a spreadsheet would take for a formula", () => {
  expect(cell("=1+1")).toBe("'=1+1");
  expect(cell("a,b")).toBe('"a,b"');
  expect(cell("plain")).toBe("plain");
});
