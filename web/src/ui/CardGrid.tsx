/** Things as cards. Only what can be seen is in the page, so that hundreds of them scroll without a stutter. */
import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import classes from "./CardGrid.module.css";

const CARD_PX = 130;
const GAP_PX = 12;
const CARD_MIN_PX = 250;

interface Props<T> {
  /** What the cards are, for those who cannot see them. */
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** The card of an item. */
  children: (item: T) => ReactNode;
}

export function CardGrid<T>({ label, items, keyOf, children }: Props<T>) {
  const list = useRef<HTMLDivElement>(null);
  const { ref: sizeRef, width } = useElementSize();
  const [margin, setMargin] = useState(0);
  const lanes = Math.max(1, Math.floor(((width || 1) + GAP_PX) / (CARD_MIN_PX + GAP_PX)));
  const scroller = () => document.getElementById("main");
  // The whole screen scrolls, so the list begins somewhere below its top; where changes with the width.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is measured again when the width changes
  useLayoutEffect(() => {
    const main = scroller();
    if (!main || !list.current) return;
    setMargin(list.current.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop);
  }, [width]);
  const virtualizer = useVirtualizer({
    count: Math.ceil(items.length / lanes),
    getScrollElement: scroller,
    estimateSize: () => CARD_PX + GAP_PX,
    overscan: 4,
    scrollMargin: margin,
  });
  return (
    <div ref={list}>
      <ul
        ref={sizeRef}
        aria-label={label}
        className={classes.list}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().flatMap((row) =>
          items.slice(row.index * lanes, (row.index + 1) * lanes).map((item, lane) => (
            <li
              key={keyOf(item)}
              aria-setsize={items.length}
              aria-posinset={row.index * lanes + lane + 1}
              className={classes.item}
              style={{
                transform: `translate(calc(${lane} * (100% + ${GAP_PX}px)), ${row.start - margin}px)`,
                width: `calc((100% - ${(lanes - 1) * GAP_PX}px) / ${lanes})`,
              }}
            >
              {children(item)}
            </li>
          )),
        )}
      </ul>
    </div>
  );
}
