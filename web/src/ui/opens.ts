/** A row of a list that opens what its first link leads to, wherever it is clicked. The link is there for the keyboard. */
import type { MouseEvent } from "react";

/** Leaves alone what can be clicked by itself, a menu or dialog of the row, and text that is being selected. */
function open(event: MouseEvent<HTMLTableRowElement>): void {
  const row = event.currentTarget;
  const target = event.target as Element;
  if (!row.contains(target) || target.closest("a, button, input, label")) return;
  if (window.getSelection()?.toString()) return;
  const { ctrlKey, metaKey, shiftKey } = event;
  row
    .querySelector("a")
    ?.dispatchEvent(
      new window.MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }),
    );
}

/** What such a row is given. */
export const opens = { onClick: open, "data-opens": true } as const;
