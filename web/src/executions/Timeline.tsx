/** When each node of a run was at work, as a waterfall. */
import { Tooltip } from "@mantine/core";
import { useMemo } from "react";
import { isFinal, type NodeRun, type Run, tookMs } from "../editor/session/run.ts";
import { formatDuration } from "../lib/format.ts";
import { useNow } from "../lib/use-now.ts";
import classes from "./Timeline.module.css";

/** The most rows that are drawn; loops can have thousands. */
const MOST = 300;

/** One row of the waterfall; `left` and `width` are parts of the whole, from 0 to 1. */
export interface Row {
  readonly key: string;
  readonly place: number;
  readonly node: NodeRun;
  readonly left: number;
  readonly width: number;
}

/** What tells one row from every other: the node, and where it stood in the loops around it. */
export const rowKey = ({ nodeId, iteration }: NodeRun): string =>
  (iteration?.length ?? 0) > 0 ? `${nodeId}:${iteration?.join(".")}` : nodeId;

/** The rows of a run, in the order in which its nodes began. */
export function rowsOf(run: Run, now: number): { readonly rows: readonly Row[]; readonly totalMs: number } {
  const begun = run.nodes.map((node, place) => ({ node, place })).filter(({ node }) => node.startedAt);
  const start = Math.min(
    ...begun.map(({ node }) => Date.parse(node.startedAt as string)),
    Date.parse(run.startedAt ?? run.createdAt),
  );
  const ends = begun.map(({ node }) => (node.finishedAt ? Date.parse(node.finishedAt) : now));
  const totalMs = Math.max(1, Math.max(...ends, run.finishedAt ? Date.parse(run.finishedAt) : start) - start);
  const rows = begun.map(({ node, place }, at): Row => {
    const from = Date.parse(node.startedAt as string) - start;
    const to = (ends[at] ?? start) - start;
    return { key: rowKey(node), place, node, left: from / totalMs, width: Math.max(0, to - from) / totalMs };
  });
  return { rows, totalMs };
}

interface Props {
  readonly run: Run;
  readonly selected: number | undefined;
  readonly onSelect: (place: number) => void;
}

/** The waterfall. */
export function Timeline({ run, selected, onSelect }: Props) {
  const now = useNow(!isFinal(run.status));
  const { rows, totalMs } = useMemo(() => rowsOf(run, now), [run, now]);
  return (
    <div className={classes.timeline}>
      <div className={classes.scale} aria-hidden>
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>{formatDuration(totalMs * part)}</span>
        ))}
      </div>
      <ul className={classes.rows} aria-label="Timeline">
        {rows.slice(0, MOST).map((row) => (
          <li key={row.key}>
            <button
              type="button"
              className={classes.row}
              aria-current={row.place === selected}
              data-node={row.node.nodeId}
              onClick={() => onSelect(row.place)}
            >
              <span className={classes.name}>
                {row.node.name}
                {(row.node.iteration?.length ?? 0) > 0 && (
                  <small> #{(row.node.iteration ?? []).map((index) => index + 1).join(".")}</small>
                )}
              </span>
              <span className={classes.track}>
                <Tooltip
                  label={`${row.node.status}, ${formatDuration(tookMs(row.node))}${row.node.attempts > 1 ? `, ${row.node.attempts} attempts` : ""}`}
                >
                  <span
                    className={classes.barOf}
                    data-status={row.node.status}
                    style={{ left: `${row.left * 100}%`, width: `max(4px, ${row.width * 100}%)` }}
                  />
                </Tooltip>
              </span>
              <span className={classes.took}>
                {row.node.finishedAt ? formatDuration(tookMs(row.node)) : "…"}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {rows.length > MOST && (
        <p className={classes.more}>{(rows.length - MOST).toLocaleString()} more are in the raw view.</p>
      )}
    </div>
  );
}
