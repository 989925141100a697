/** A field that takes any value: text with expressions, or JSON whose texts may hold expressions. */

import { useEffect, useState } from "react";
import { type Json, sameJson } from "../model/document.ts";
import { type Field, hasExpression, valueAt } from "../model/fields.ts";
import { ExpressionInput } from "./ExpressionInput.tsx";
import { Frame, type Path, useForm } from "./form.tsx";
import { readText, textOf } from "./PairsField.tsx";
import { Preview } from "./Preview.tsx";

/** Whether any text of a value holds an expression. */
function holdsExpression(value: Json | undefined): boolean {
  if (typeof value === "object" && value !== null)
    return Object.values(value).some((item) => holdsExpression(item as Json));
  return hasExpression(value);
}

const shown = (value: Json | undefined, isJson: boolean): string => {
  if (value === undefined) return "";
  return isJson && typeof value === "object" ? JSON.stringify(value, null, 2) : textOf(value);
};

/** A field that takes any value. */
export function ValueField({ field, path }: { field: Field & { kind: "value" }; path: Path }) {
  const { node, set, completion, onInsert } = useForm();
  const value = valueAt(node.parameters as Json, path);
  const isJson = field.json === true;
  const [text, setText] = useState(() => shown(value, isJson));
  // JSON that is being typed is a text until it is whole; only a change from outside replaces it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change from outside counts
  useEffect(() => {
    if (!sameJson(read(text), value)) setText(shown(value, isJson));
  }, [value]);
  const read = (typed: string): Json | undefined =>
    typed === "" ? (field.required ? "" : undefined) : readText(typed);
  const looksBroken = isJson && /^\s*[[{](?!\{)/.test(text) && typeof readText(text) === "string";
  return (
    <Frame
      label={field.label}
      help={looksBroken ? "This is not whole JSON yet; it is kept as text." : field.help}
      required={field.required}
      path={path}
      below={holdsExpression(value) ? <Preview nodeId={node.id} value={value as Json} /> : undefined}
    >
      {(ids) => (
        <ExpressionInput
          label={field.label}
          placeholder={field.placeholder ?? (isJson ? '{"name": "{{ $input.name }}"}' : undefined)}
          multiline={isJson}
          language={isJson ? "json" : "template"}
          value={text}
          onChange={(typed) => {
            setText(typed);
            set(path, read(typed));
          }}
          data={completion}
          onFocus={onInsert}
          {...ids}
        />
      )}
    </Frame>
  );
}
