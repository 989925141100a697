/** An object of names and values: headers, query, fields. Rows keep their place while a name is typed. */

import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { isObject, type Json, sameJson } from "../model/document.ts";
import { type Field, hasExpression, valueAt } from "../model/fields.ts";
import { ExpressionInput } from "./ExpressionInput.tsx";
import { Frame, type Path, useForm } from "./form.tsx";
import classes from "./Inspector.module.css";
import { Preview } from "./Preview.tsx";

interface Row {
  readonly id: number;
  readonly name: string;
  readonly value: Json;
}

/** A value as the text of a field. A text that would be read as something else stands in quotes. */
export function textOf(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return readText(value) === value ? value : JSON.stringify(value);
}

/** The text of a field as a value: JSON for numbers, flags, lists and objects, a text for all else. */
export function readText(text: string): Json {
  if (!/^\s*(?:-?\d|true$|false$|null$|\[|\{(?!\{)|")/.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const objectOf = (rows: readonly Row[]): Json =>
  Object.fromEntries(rows.filter((row) => row.name !== "").map((row) => [row.name, row.value]));

/** An object of names and values. */
export function PairsField({ field, path }: { field: Field & { kind: "pairs" }; path: Path }) {
  const { node, set, completion, onInsert } = useForm();
  const value = valueAt(node.parameters as Json, path);
  const next = useRef(1);
  const read = (from: Json | undefined): Row[] =>
    (isObject(from) ? Object.entries(from) : []).map(([name, item]) => ({
      id: next.current++,
      name,
      value: item,
    }));
  const [rows, setRows] = useState<readonly Row[]>(() => read(value));
  // An undo or another version is brought in; what was typed here is there already.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change from outside counts
  useEffect(() => {
    if (typeof value !== "string" && !sameJson(objectOf(rows), value ?? {})) setRows(read(value));
  }, [value]);
  const change = (changed: readonly Row[]) => {
    setRows(changed);
    const object = objectOf(changed);
    set(path, Object.keys(object as object).length > 0 || field.name === "fields" ? object : undefined);
  };
  const whole = typeof value === "string";
  return (
    <Frame label={field.label} help={field.help} path={path}>
      {(ids) =>
        whole ? (
          <>
            <ExpressionInput
              label={field.label}
              value={value}
              onChange={(text) => set(path, text === "" ? undefined : text)}
              data={completion}
              onFocus={onInsert}
              {...ids}
            />
            <Preview nodeId={node.id} value={value} />
          </>
        ) : (
          <div className={classes.pairs}>
            {rows.map((row) => (
              <div key={row.id} className={classes.pair}>
                <TextInput
                  size="sm"
                  aria-label={`${field.nameLabel ?? "Name"} of ${field.label}`}
                  placeholder={field.nameLabel ?? "Name"}
                  value={row.name}
                  error={
                    row.name !== "" && rows.some((other) => other.id !== row.id && other.name === row.name)
                  }
                  onChange={(event) =>
                    change(
                      rows.map((other) =>
                        other.id === row.id ? { ...row, name: event.currentTarget.value } : other,
                      ),
                    )
                  }
                />
                <div className={classes.pairValue}>
                  <ExpressionInput
                    label={`Value of ${row.name || (field.nameLabel ?? "name").toLowerCase()}`}
                    placeholder="Value"
                    value={textOf(row.value)}
                    onChange={(text) =>
                      change(
                        rows.map((other) =>
                          other.id === row.id ? { ...row, value: readText(text) } : other,
                        ),
                      )
                    }
                    data={completion}
                    onFocus={onInsert}
                  />
                  {hasExpression(row.value) && <Preview nodeId={node.id} value={row.value} />}
                </div>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  mt={4}
                  aria-label={`Remove ${row.name || "this row"}`}
                  onClick={() => change(rows.filter((other) => other.id !== row.id))}
                >
                  <Trash2 size={14} aria-hidden />
                </ActionIcon>
              </div>
            ))}
            <Button
              variant="subtle"
              size="xs"
              leftSection={<Plus size={13} aria-hidden />}
              onClick={() => setRows([...rows, { id: next.current++, name: "", value: "" }])}
            >
              Add {(field.nameLabel ?? "name").toLowerCase()}
            </Button>
          </div>
        )
      }
    </Frame>
  );
}
