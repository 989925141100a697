/** When each node of a run was at work, as a waterfall. */
import { Tooltip } from "@mantine/core";
import { useMemo } from "react";
import { type AttemptState, toldAttempts } from "../editor/session/attempts.ts";
import { isFinal, type NodeRun, type Run, tookMs } from "../editor/session/run.ts";
import { formatDuration } from "../lib/format.ts";
import { useNow } from "../lib/use-now.ts";
import classes from "./Timeline.module.css";

/** The most rows that are drawn; loops can have thousands. */
const MOST = 300;

/** One attempt of a node, or the wait for the next one, as a piece of its row. */
export interface Piece {
  readonly key: string;
  readonly state: AttemptState | "wait";
  readonly label: string;
  readonly left: number;
  readonly width: number;
}

/** One row of the waterfall; `left` and `width` are parts of the whole, from 0 to 1. */
export interface Row {
  readonly key: string;
  readonly place: number;
  readonly node: NodeRun;
  readonly left: number;
  readonly width: number;
  /** Of a node that was tried more than once. */
  readonly pieces: readonly Piece[];
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
    const pieces = piecesOf(node, isFinal(run.status), now, start, totalMs);
    const width = Math.max(0, to - from) / totalMs;
    return { key: rowKey(node), place, node, left: from / totalMs, width, pieces };
  });
  return { rows, totalMs };
}

function piecesOf(node: NodeRun, hasEnded: boolean, now: number, start: number, totalMs: number): Piece[] {
  const piece = (state: Piece["state"], number: number, what: string, from: number, to: number): Piece => ({
    key: `${state === "wait" ? "wait" : "attempt"}${number}`,
    state,
    label: `${what}, ${formatDuration(Math.max(0, to - from))}`,
    left: (from - start) / totalMs,
    width: Math.max(0, to - from) / totalMs,
  });
  return toldAttempts(node, hasEnded, now).flatMap(({ attempt, state, from, to, waitsUntil, isWaiting }) => {
    const code = attempt.error ? ` with ${attempt.error.code}` : "";
    const itself = piece(
      state,
      attempt.number,
      `Attempt ${attempt.number}: ${WORDS[state]}${code}`,
      from,
      to,
    );
    if (waitsUntil === undefined) return [itself];
    // What is still to come has not happened yet: the wait is drawn as far as it has gone.
    const until = isWaiting ? Math.min(waitsUntil, now) : waitsUntil;
    return [piece("wait", attempt.number, "Wait for the next attempt", to, until), itself];
  });
}

const WORDS: Record<AttemptState, string> = {
  running: "running",
  success: "success",
  failed: "failed",
  cancelled: "cancelled",
  cutShort: "cut short",
};

/** What is drawn of a row: one bar, or each attempt and each wait. */
function Bars({ row }: { row: Row }) {
  const { node, pieces } = row;
  const whole = { key: "whole", state: node.status, left: row.left, width: row.width };
  const bars =
    pieces.length > 0 ? pieces : [{ ...whole, label: `${node.status}, ${formatDuration(tookMs(node))}` }];
  return bars.map(({ key, state, label, left, width }) => (
    <Tooltip key={key} label={label}>
      <span
        className={classes.barOf}
        data-status={state}
        data-piece={key}
        style={{ left: `${left * 100}%`, width: `max(4px, ${width * 100}%)` }}
      />
    </Tooltip>
  ));
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
                <Bars row={row} />
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
