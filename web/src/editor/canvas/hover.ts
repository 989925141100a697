/** Which connection the pointer rests on. It is a value of its own, so that only that connection is drawn again. */

import { Live } from "../session/live.ts";

/** Milliseconds between the connection and its buttons, which lie beside it. */
const LEAVE_MS = 180;

/** The key of the connection below the pointer. */
export const hovered = new Live<string | undefined>(undefined);

let leaving: ReturnType<typeof setTimeout> | undefined;

/** The pointer came to a connection or its buttons, or left them with undefined. */
export function hover(id: string | undefined): void {
  clearTimeout(leaving);
  if (id !== undefined) hovered.set(id);
  else leaving = setTimeout(() => hovered.set(undefined), LEAVE_MS);
}
