/** Data of a run as a tree, a table or JSON, with a search over all of them. */

import { SegmentedControl, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import type { Json } from "../../editor/model/document.ts";
import { CopyIcon } from "../../ui/CopyIcon.tsx";
import { holds, inLine, listIn, narrowed, pathText, sizeText, tableOf } from "./paths.ts";
import classes from "./RunData.module.css";
import { STEP, Tree } from "./Tree.tsx";

type Mode = "tree" | "table" | "json";
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
  const table = useMemo(
    () => (mode === "table" ? tableFor(value, wanted) : undefined),
    [mode, value, wanted],
  );
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
        <CopyIcon value={JSON.stringify(value, null, 2)} label={`Copy ${label} as JSON`} />
        {actions}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section className={classes.body} tabIndex={0} aria-label={`${label}, content`}>
        {mode === "tree" && wanted !== "" && !holds("", value, wanted) && (
          <p className={classes.none}>Nothing here holds “{query.trim()}”.</p>
        )}
        {mode === "tree" && <Tree value={value} path={[]} root={root} wanted={wanted} onPick={onPick} />}
        {mode === "table" &&
          (table ? (
            <>
              {table.place !== "" && <p className={classes.place}>{table.place}</p>}
              <DataGrid columns={table.columns} rows={table.rows} />
            </>
          ) : (
            <p className={classes.none}>This is not a list of objects, so there is no table of it.</p>
          ))}
        {mode === "json" && <Raw value={value} wanted={wanted} />}
      </section>
    </section>
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

/** The longest list in a value, or the value itself, as a table; with the rows alone that hold what is looked for. */
function tableFor(value: Json, wanted: string) {
  const found = listIn(value);
  const list = found?.list ?? [value];
  const all = tableOf(list as Json);
  if (!all) return undefined;
  const rows = wanted === "" ? all.rows : all.rows.filter((row) => holds("", row, wanted));
  return { ...all, rows, place: found ? pathText(found.path).replace(/^\./, "") : "" };
}

function Raw({ value, wanted }: { value: Json; wanted: string }) {
  const text = useMemo(() => JSON.stringify(narrowed(value, wanted), null, 2), [value, wanted]);
  return (
    <pre className={classes.raw}>
      {text.length > MOST_TEXT
        ? `${text.slice(0, MOST_TEXT)}\n… ${text.length.toLocaleString()} characters in all; copy it to see the rest`
        : text}
    </pre>
  );
}
