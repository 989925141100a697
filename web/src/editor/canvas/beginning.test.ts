import { expect, test } from "vitest";
import { NODE_HEIGHT, NODE_WIDTH } from "../model/commands.ts";
import { beginningOf } from "./beginning.ts";

const row = (amount: number) => Array.from({ length: amount }, (_, at) => ({ x: at * 330, y: 0 }));

test("a small workflow stands in the middle, as large as it is", () => {
  const { x, y, zoom } = beginningOf([{ x: 100, y: 40 }], 1_000, 600);
  expect(zoom).toBe(1);
  expect(x + (100 + NODE_WIDTH / 2) * zoom).toBeCloseTo(500, 0);
  expect(y + (40 + NODE_HEIGHT / 2) * zoom).toBeCloseTo(300, 0);
});

test("a larger one is made smaller until it fits", () => {
  const { x, zoom } = beginningOf(row(4), 1_000, 600);
  expect(zoom).toBeLessThan(1);
  expect(x).toBeGreaterThanOrEqual(0);
  expect(x + (3 * 330 + NODE_WIDTH) * zoom).toBeLessThanOrEqual(1_000);
});

test("one that would be too small to read begins at its first node", () => {
  const places = row(12).map(({ x, y }) => ({ x: x - 500, y: y + 90 }));
  const { x, y, zoom } = beginningOf(places, 900, 600);
  expect(zoom).toBe(0.65);
  expect(x - 500 * zoom).toBeCloseTo(48, 0);
  expect(y + (90 + NODE_HEIGHT / 2) * zoom).toBeCloseTo(300, 0);
});

test("one that is too high leaves no room empty above it", () => {
  const places = Array.from({ length: 30 }, (_, at) => ({ x: 0, y: at * 130 }));
  const { y, zoom } = beginningOf(places, 900, 600);
  expect(zoom).toBe(0.65);
  expect(y).toBe(48);
});
