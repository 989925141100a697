/** Data as a tree whose names can be copied, or put where the caret is, as expressions. */

import { Tooltip } from "@mantine/core";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { Json } from "../../editor/model/document.ts";
import { count } from "../../lib/format.ts";
import { holds, inLine, isNamed, membersOf, pathText, type Step } from "./paths.ts";
import classes from "./RunData.module.css";

/** The most entries that are drawn of one object; more are a click away. */
export const STEP = 100;

interface BranchProps {
  readonly value: Json;
  readonly path: readonly Step[];
  readonly root: string | undefined;
  readonly wanted: string;
  readonly onPick: ((expression: string) => void) | undefined;
}

/** Data as a tree. */
export function Tree({ value, path, root, wanted, onPick }: BranchProps) {
  const [most, setMost] = useState(STEP);
  const all = membersOf(value);
  if (all.length === 0) return <Leaf value={value} />;
  // Those that are found keep their own places, so that the expressions that lead to them are right.
  const members = wanted === "" ? all : all.filter(([step, item]) => holds(step, item, wanted));
  return (
    <ul className={classes.tree}>
      {members.slice(0, most).map(([step, item]) => (
        <Branch key={step} value={item} path={[...path, step]} root={root} wanted={wanted} onPick={onPick} />
      ))}
      {members.length > most && (
        <li>
          <button type="button" className={classes.more} onClick={() => setMost(most * 4)}>
            Show more of {members.length.toLocaleString()}
          </button>
        </li>
      )}
    </ul>
  );
}

function Branch({ value, path, root, wanted, onPick }: BranchProps) {
  const step = path.at(-1) as Step;
  const members = membersOf(value);
  const [wish, setWish] = useState<boolean>();
  const open =
    wish ??
    (wanted !== "" && members.some(([name, item]) => holds(name, item, wanted))
      ? true
      : path.length < 3 && members.length <= 30);
  const isWhole = wanted === "" || isNamed(step, wanted);
  const found = isWhole ? members.length : members.filter(([name, item]) => holds(name, item, wanted)).length;
  const expression = root === undefined ? undefined : `${root}${pathText(path)}`;
  const name =
    expression === undefined ? (
      <span className={classes.name}>{step}</span>
    ) : (
      <Name step={step} expression={expression} onPick={onPick} />
    );
  if (members.length === 0) {
    return (
      <li className={classes.row}>
        <span className={classes.gap} />
        {name}
        <Leaf value={value} />
      </li>
    );
  }
  return (
    <li>
      <div className={classes.row}>
        <button
          type="button"
          className={classes.fold}
          aria-expanded={open}
          aria-label={`${open ? "Close" : "Open"} ${step}`}
          onClick={() => setWish(!open)}
        >
          <ChevronRight size={12} aria-hidden />
        </button>
        {name}
        <span className={classes.kind}>
          {found < members.length && `${found.toLocaleString()} of `}
          {count(members.length, Array.isArray(value) ? "item" : "field")}
        </span>
      </div>
      {open && <Tree value={value} path={path} root={root} wanted={isWhole ? "" : wanted} onPick={onPick} />}
    </li>
  );
}

function Name({
  step,
  expression,
  onPick,
}: {
  step: Step;
  expression: string;
  onPick: ((expression: string) => void) | undefined;
}) {
  const [done, setDone] = useState(false);
  const act = () => {
    if (onPick) onPick(expression);
    else void navigator.clipboard?.writeText(`{{ ${expression} }}`);
    setDone(true);
    setTimeout(() => setDone(false), 1_200);
  };
  return (
    <Tooltip
      label={done ? (onPick ? "Inserted" : "Copied") : `${onPick ? "Insert" : "Copy"} {{ ${expression} }}`}
    >
      <button
        type="button"
        className={classes.name}
        draggable
        onDragStart={(event) => event.dataTransfer.setData("text/plain", `{{ ${expression} }}`)}
        onMouseDown={(event) => onPick && event.preventDefault()}
        onClick={act}
      >
        {step}
      </button>
    </Tooltip>
  );
}

function Leaf({ value }: { value: Json }) {
  const kind =
    value === null
      ? "null"
      : Array.isArray(value)
        ? "empty"
        : typeof value === "object"
          ? "empty"
          : typeof value;
  const text = Array.isArray(value)
    ? "empty list"
    : kind === "empty"
      ? "empty object"
      : value === ""
        ? "empty text"
        : inLine(value, 2_000);
  return (
    <span className={classes.leaf} data-kind={value === "" ? "empty" : kind}>
      {text}
    </span>
  );
}
