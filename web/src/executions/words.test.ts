import { expect, test } from "vitest";
import type { ToldAttempt } from "../editor/session/attempts.ts";
import { waitText } from "./words.ts";

const told: ToldAttempt = {
  attempt: { number: 1, startedAt: "2026-11-22T10:00:00Z" },
  state: "failed",
  from: 0,
  to: 1_000,
  waitsUntil: 91_000,
  isWaiting: true,
};

test("a wait is counted down in whole seconds, and told in the past once it is over", () => {
  expect(waitText(told, 1_000)).toBe("The next follows in 1 min 30 s");
  expect(waitText(told, 86_200)).toBe("The next follows in 5 s");
  expect(waitText(told, 91_000)).toBe("The next is about to begin");
  expect(waitText({ ...told, waitsUntil: 2_500, isWaiting: false }, 91_000)).toBe(
    "Waited 1.50 s for the next",
  );
  expect(waitText({ ...told, waitsUntil: undefined }, 91_000)).toBeUndefined();
});
