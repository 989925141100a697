/**
 * The records as a list in which only what can be seen is in the page; further ones are fetched before the end comes
 * into view, so that thousands scroll without a stutter.
 */
// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed one by one cannot be rows of a table element
// biome-ignore-all lint/a11y/useFocusableInteractive: cells and headers are not interactive here
import { UnstyledButton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import type { AuditEntry } from "../api/types.ts";
import { Ago } from "../ui/Ago.tsx";
import classes from "./Audit.module.css";
import { actionLabel, actorLabel, detailText, type NameOf } from "./words.ts";

interface Props {
  entries: AuditEntry[];
  total: number;
  nameOf: NameOf;
  onOpen: (entry: AuditEntry) => void;
  /** Called when the end comes near. */
  onMore: () => void;
}

const ROW_PX = 41;
/** So many rows before the end the next page is fetched. */
const AHEAD = 60;

/** One row. While one scrolls the list is drawn with every frame, and the rows that stay are not drawn again. */
const Row = memo(function Row({
  entry,
  nameOf,
  onOpen,
}: Pick<Props, "nameOf" | "onOpen"> & { entry: AuditEntry }) {
  return (
    <>
      <span role="cell">
        <Ago at={entry.at} />
      </span>
      <span role="cell">{actorLabel(entry.actor, nameOf)}</span>
      <span role="cell">
        <UnstyledButton className={classes.what} onClick={() => onOpen(entry)}>
          {actionLabel(entry.action)}
        </UnstyledButton>
      </span>
      <span role="cell" className={classes.soft}>
        {detailText(entry, nameOf) || entry.target}
      </span>
    </>
  );
});

export function AuditTable({ entries, total, nameOf, onOpen, onMore }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (entries.length < total && last >= entries.length - AHEAD) onMore();
  }, [entries.length, total, last, onMore]);

  return (
    <div className={classes.frame} role="table" aria-label="Audit log" aria-rowcount={total + 1}>
      <div role="rowgroup">
        <div role="row" className={`${classes.row} ${classes.head}`}>
          {["When", "Who", "What", "Details"].map((name) => (
            <span key={name} role="columnheader">
              {name}
            </span>
          ))}
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div ref={scroller} className={classes.scroller} role="rowgroup" tabIndex={0}>
        <div style={{ height: virtualizer.getTotalSize(), position: "relative" }} role="presentation">
          {items.map((item) => {
            const entry = entries[item.index];
            return (
              entry && (
                <div
                  key={entry.id}
                  role="row"
                  aria-rowindex={item.index + 2}
                  className={`${classes.row} ${classes.entry}`}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <Row entry={entry} nameOf={nameOf} onOpen={onOpen} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
