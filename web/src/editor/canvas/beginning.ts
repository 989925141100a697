/** What of a workflow is seen when it is opened: all of it, or where it begins, in letters that can be read. */

import { NODE_HEIGHT, NODE_WIDTH } from "../model/commands.ts";
import type { Position } from "../model/document.ts";

/** Below this zoom the words of a node are too small to read; whoever wants to see all of a large workflow zooms out. */
const LEGIBLE = 0.65;
/** The free space around, in pixels of the screen. */
const MARGIN = 48;

/** The transform of the canvas for nodes at these places, in a frame of this size. */
export function beginningOf(
  places: readonly Position[],
  width: number,
  height: number,
): { readonly x: number; readonly y: number; readonly zoom: number } {
  const left = Math.min(...places.map(({ x }) => x));
  const top = Math.min(...places.map(({ y }) => y));
  const wide = Math.max(...places.map(({ x }) => x)) + NODE_WIDTH - left;
  const high = Math.max(...places.map(({ y }) => y)) + NODE_HEIGHT - top;
  const fitting = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / high, 1);
  const zoom = Math.max(fitting, LEGIBLE);
  // What does not fit begins at its first node; what does stands in the middle.
  const first = places.reduce((one, other) => (other.x < one.x ? other : one));
  const x = wide * zoom > width - MARGIN ? MARGIN - left * zoom : (width - wide * zoom) / 2 - left * zoom;
  const y =
    high * zoom > height - MARGIN
      ? Math.min(height / 2 - (first.y + NODE_HEIGHT / 2) * zoom, MARGIN - top * zoom)
      : (height - high * zoom) / 2 - top * zoom;
  return { x: Math.round(x), y: Math.round(y), zoom };
}
