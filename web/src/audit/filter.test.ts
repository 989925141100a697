import { expect, it } from "vitest";
import { filterOf, searchOf } from "./filter.ts";

it("asks the API for what stands in the address", () => {
  expect(filterOf({})).toEqual({});
  expect(filterOf({ object: "cred_1", action: "credential.used" })).toEqual({
    credentialId: "cred_1",
    action: "credential.used",
  });
  expect(filterOf({ object: " wf_1 ", actor: "usr_1" })).toEqual({ target: "wf_1", actor: "usr_1" });
});

it("counts a span back from a whole minute", () => {
  const now = Date.UTC(2026, 0, 2, 12, 0, 31);
  expect(filterOf({ within: "24h" }, now)).toEqual({ since: "2026-01-01T12:00:00.000Z" });
  expect(filterOf({ within: "24h", from: "2020-01-01" }, now)).toEqual({ since: "2026-01-01T12:00:00.000Z" });
});

it("takes both days whole", () => {
  const { since, until } = filterOf({ from: "2026-01-01", to: "2026-01-01" });
  expect(new Date(until ?? 0).getTime() - new Date(since ?? 0).getTime()).toBe(86_400_000);
  expect(filterOf({ from: "yesterday", to: "2026-13" })).toEqual({});
});

it("reads only what it knows out of an address", () => {
  expect(searchOf({ action: "a", actor: 3, object: "", other: "x" })).toEqual({ action: "a" });
});
