/** The whole canvas in a small frame: where everything is, and which part of it is on the screen. */

import { NODE_HEIGHT, NODE_WIDTH } from "../model/commands.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** From the canvas to the frame: a point is moved by `x` and `y`, then scaled. */
export interface OverviewView {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  /** All nodes as one path: five hundred elements would be five hundred things to paint. */
  readonly path: string;
}

/** The share of the frame that stays free around the nodes. */
const MARGIN = 0.08;

/** How nodes at these places are shown in a frame of this size. */
export function overviewOf(places: readonly Point[], width: number, height: number): OverviewView {
  const left = Math.min(...places.map(({ x }) => x));
  const top = Math.min(...places.map(({ y }) => y));
  const right = Math.max(...places.map(({ x }) => x)) + NODE_WIDTH;
  const bottom = Math.max(...places.map(({ y }) => y)) + NODE_HEIGHT;
  const room = 1 - 2 * MARGIN;
  const scale = Math.min((width * room) / (right - left), (height * room) / (bottom - top));
  const x = (width / scale - (left + right)) / 2;
  const y = (height / scale - (top + bottom)) / 2;
  const at = (value: number) => (value * scale).toFixed(1);
  const wide = at(NODE_WIDTH);
  const path = places
    .map((place) => `M${at(place.x + x)} ${at(place.y + y)}h${wide}v${at(NODE_HEIGHT)}h-${wide}z`)
    .join("");
  return { x, y, scale, path };
}

/** The part that is on the screen, in the frame. */
export function windowOf(
  view: OverviewView,
  [x, y, zoom]: readonly [number, number, number],
  width: number,
  height: number,
) {
  return {
    left: (view.x - x / zoom) * view.scale,
    top: (view.y - y / zoom) * view.scale,
    width: (width / zoom) * view.scale,
    height: (height / zoom) * view.scale,
  };
}
