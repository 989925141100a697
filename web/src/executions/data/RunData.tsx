/** Data of a run as a tree, a table or JSON, with a search over all of them. */

import { ActionIcon, CopyButton, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import { Check, ChevronRight, Copy, Search } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import type { Json } from "../../editor/model/document.ts";
import { holds, inLine, membersOf, narrowed, pathText, type Step, sizeText, tableOf } from "./paths.ts";
import classes from "./RunData.module.css";

type Mode = "tree" | "table" | "json";
/** The most entries that are drawn of one object; more are a click away. */
const STEP = 100;
/** The most characters of JSON that are drawn. */
const MOST_TEXT = 200_000;

interface Props {
  readonly label: string;
  readonly value: Json;
  /** How an expression begins that leads here; entries can then be copied as expressions. */
  readonly root?: string;
  readonly actions?: ReactNode;
  /** Puts an expression where the caret is. */
  readonly onPick?: (expression: string) => void;
}

/** Data of a run. */
export function RunData({ label, value, root, actions, onPick }: Props) {
  const [mode, setMode] = useState<Mode>("tree");
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLowerCase();
  const shown = useMemo(() => narrowed(value, wanted), [value, wanted]);
  const table = useMemo(() => tableOf(shown), [shown]);
  return (
    <section className={classes.view} aria-label={label}>
      <div className={classes.bar}>
        <strong className={classes.title}>{label}</strong>
        <SegmentedControl
          size="xs"
          aria-label={`Show ${label} as`}
          value={mode}
          onChange={(next) => setMode(next as Mode)}
          data={[
            { value: "tree", label: "Tree" },
            { value: "table", label: "Table" },
            { value: "json", label: "JSON" },
          ]}
        />
        <TextInput
          size="xs"
          className={classes.search}
          placeholder="Search"
          aria-label={`Search in ${label}`}
          leftSection={<Search size={12} aria-hidden />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <span className={classes.size}>{sizeText(value)}</span>
        <CopyButton value={JSON.stringify(value, null, 2)}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? "Copied" : "Copy as JSON"}>
              <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={`Copy ${label} as JSON`}>
                {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
        {actions}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section className={classes.body} tabIndex={0} aria-label={`${label}, content`}>
        {mode === "tree" && <Tree value={shown} path={[]} root={root} wanted={wanted} onPick={onPick} />}
        {mode === "table" &&
          (table ? (
            <DataGrid {...table} />
          ) : (
            <p className={classes.none}>This is no list of objects. Look at it as a tree.</p>
          ))}
        {mode === "json" && <Raw value={shown} />}
      </section>
    </section>
  );
}

interface BranchProps {
  readonly value: Json;
  readonly path: readonly Step[];
  readonly root: string | undefined;
  readonly wanted: string;
  readonly onPick: ((expression: string) => void) | undefined;
}

function Tree({ value, path, root, wanted, onPick }: BranchProps) {
  const [most, setMost] = useState(STEP);
  const members = membersOf(value);
  if (members.length === 0) return <Leaf value={value} />;
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
  const open = wish ?? (wanted !== "" ? holds("", value, wanted) : path.length < 3 && members.length <= 30);
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
          {Array.isArray(value) ? `${members.length} items` : `${members.length} fields`}
        </span>
      </div>
      {open && <Tree value={value} path={path} root={root} wanted={wanted} onPick={onPick} />}
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

function DataGrid({ columns, rows }: { columns: readonly string[]; rows: readonly Json[] }) {
  const [most, setMost] = useState(STEP);
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of data have no other name than their place
            <tr key={place}>
              {columns.map((column) => (
                <td key={column}>{inLine((row as Record<string, Json>)[column])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > most && (
        <button type="button" className={classes.more} onClick={() => setMost(most * 4)}>
          Show more of {rows.length.toLocaleString()}
        </button>
      )}
    </>
  );
}

function Raw({ value }: { value: Json }) {
  const text = useMemo(() => JSON.stringify(value, null, 2), [value]);
  return (
    <pre className={classes.raw}>
      {text.length > MOST_TEXT
        ? `${text.slice(0, MOST_TEXT)}\n… ${text.length.toLocaleString()} characters in all; copy it to see the rest`
        : text}
    </pre>
  );
}
