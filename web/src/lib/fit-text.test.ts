import { expect, test } from "vitest";
import { shortened } from "./fit-text.ts";

const tenEach = (text: string) => [...text].length * 10;

test("a text that fits stays, another one ends with an ellipsis within the width", () => {
  expect(shortened("Start", 50, tenEach)).toBe("Start");
  expect(shortened("Look up order", 80, tenEach)).toBe("Look up…");
  expect(shortened("🧪🧪🧪🧪", 30, tenEach)).toBe("🧪🧪…");
  expect(shortened("Start", 0, tenEach)).toBe("…");
});
