import { describe, expect, it } from "vitest";
import { filterOf, runIdIn, searchOf } from "./filter.ts";

describe("the filter of executions", () => {
  it("takes from the address what it knows, and passes over the rest", () => {
    const query = { status: "failed", workflowId: "wf_1", trigger: "schedule", within: "24h", page: 3 };
    expect(searchOf(query)).toEqual({
      status: "failed",
      workflowId: "wf_1",
      trigger: "schedule",
      within: "24h",
    });
    expect(searchOf({ status: "broken", trigger: "moon", workflowId: "" })).toEqual({});
  });

  it("asks for whole minutes, and for whole days of the reader", () => {
    const now = Date.UTC(2026, 0, 2, 12, 0, 30);
    expect(filterOf({ within: "1h", trigger: "webhook" }, now)).toEqual({
      trigger: "webhook",
      since: "2026-01-02T11:00:00.000Z",
    });
    const days = filterOf({ from: "2026-01-01", to: "2026-01-01" }, now);
    expect(Date.parse(days.until ?? "") - Date.parse(days.since ?? "")).toBe(86_400_000);
    expect(filterOf({}, now)).toEqual({});
  });

  it("finds the identifier of a run in an address too", () => {
    const id = "exec_01m833mmzjftetdqsq7kabqqnb";
    expect(runIdIn(` https://flero.example.com/logs/${id}?tab=raw`)).toBe(id);
    expect(runIdIn("the one of yesterday")).toBeUndefined();
  });
});
