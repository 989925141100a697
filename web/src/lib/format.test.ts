import { describe, expect, it } from "vitest";
import { count, formatAgo, formatDuration } from "./format.ts";

describe("times in words", () => {
  it("says how long ago in the largest fitting unit", () => {
    const now = Date.parse("2026-01-10T12:00:00Z");
    expect(formatAgo("2026-01-10T11:59:58Z", now)).toBe("just now");
    expect(formatAgo("2026-01-10T11:58:00Z", now)).toMatch(/2 min/);
    expect(formatAgo("2026-01-09T12:00:00Z", now)).toMatch(/yesterday/);
    expect(formatAgo("2024-01-09T12:00:00Z", now)).toMatch(/2 yr|2y/);
  });

  it("gives durations about three digits", () => {
    expect(formatDuration(12)).toBe("12 ms");
    expect(formatDuration(1234)).toBe("1.23 s");
    expect(formatDuration(61_000)).toBe("1 min 1 s");
    expect(formatDuration(3_600_000)).toBe("1 h 0 min");
    expect(formatDuration(999.6)).toBe("1.00 s");
    expect(formatDuration(59_970)).toBe("1 min 0 s");
    expect(formatDuration(119_700)).toBe("2 min 0 s");
    expect(formatDuration(3_599_800)).toBe("1 h 0 min");
  });

  it("counts one and many", () => {
    expect(count(1, "workflow")).toBe("1 workflow");
    expect(count(0, "entry", "entries")).toBe("0 entries");
  });
});
