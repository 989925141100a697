import { describe, expect, it } from "vitest";
import { NODE_HEIGHT, NODE_WIDTH } from "../model/commands.ts";
import { offsetOf } from "./Dots.tsx";
import { overviewOf, windowOf } from "./overview.ts";

describe("the overview of the canvas", () => {
  const places = [
    { x: -500, y: 0 },
    { x: 1_500, y: 300 },
  ];
  const view = overviewOf(places, 200, 140);

  it("shows every node inside of its frame, in the middle", () => {
    const left = (-500 + view.x) * view.scale;
    const right = (1_500 + NODE_WIDTH + view.x) * view.scale;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeCloseTo(200 - right, 5);
    const top = (0 + view.y) * view.scale;
    expect(top).toBeCloseTo(140 - (300 + NODE_HEIGHT + view.y) * view.scale, 5);
    expect(view.path.match(/M/g)?.length).toBe(2);
  });

  it("frames what is on the screen", () => {
    const at = windowOf(view, [500 * 2, 0, 2], 1_000, 600);
    expect(at.left).toBeCloseTo((-500 + view.x) * view.scale, 5);
    expect(at.width).toBeCloseTo(500 * view.scale, 5);
  });
});

it("moves the dots with the canvas, and always begins before its edge", () => {
  for (const place of [-45, -20, 0, 3, 19, 20, 41, 1_007]) {
    const offset = offsetOf(place, 20);
    expect(offset).toBeLessThanOrEqual(0);
    expect(offset).toBeGreaterThan(-20);
    expect(Math.abs((place - offset) % 20)).toBe(0);
  }
});
