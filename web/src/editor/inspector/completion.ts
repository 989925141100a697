/** What can follow in an expression: names, the members of real data, functions by the kind of value. */

import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  insertCompletionText,
  pickedCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { inLine } from "../../executions/data/paths.ts";
import { isObject, type Json } from "../model/document.ts";
import { segmentsOf } from "../model/references.ts";
import functions from "./functions.json" with { type: "json" };

/** What is known where the expression stands. */
export interface CompletionData {
  readonly roots: Readonly<Record<string, Json>>;
  readonly nodes: Readonly<Record<string, Json>>;
  /** Nodes that come before, also those without data. */
  readonly names: readonly string[];
  /** The workspace's variables. */
  readonly env: Readonly<Record<string, Json>>;
}

const ROOTS: readonly (readonly [string, string])[] = [
  ["$input", "What this node receives"],
  ["$trigger", "What started the run"],
  ["$node", "The output of a node that has run"],
  ["$env", "A variable of the workspace"],
  ["$workflow", "Facts and variables of this run"],
  ["$item", "The current item of a loop"],
  ["$index", "Its number, from 0"],
  ["$error", "The failure, on an error path"],
  ["$now", "The time of the evaluation"],
];

const plain = /^[A-Za-z_$][\w$]*$/;

/** A path at the end of the text before the caret, with what is being typed after it. */
const PATH =
  /(\$[a-z]+)((?:\??\.[A-Za-z_$][\w$]*(?:\([^()]*\))?|\??\.?\[(?:\d+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\])*)(\??\.|\??\.?\[["']?)([^\s.[\](){}"']*)$/;
const NODE_NAME = /\$node\s*\[\s*(?:(["'])((?:(?!\1).)*))?$/;

/** What can be completed at the caret of a template; null outside of braces. */
export function completeExpression(
  context: CompletionContext,
  data: CompletionData,
): CompletionResult | null {
  const text = context.state.doc.toString();
  const here = segmentsOf(text).find(
    (segment) =>
      segment.expression &&
      context.pos >= segment.start &&
      context.pos <= segment.start + segment.text.length,
  );
  if (!here) return null;
  const before = text.slice(here.start, context.pos);
  const name = NODE_NAME.exec(before);
  if (name) {
    const [, quote = "", typed = ""] = name;
    const close = `${quote || '"'}].json`;
    const options = data.names.map((label) => ({
      label,
      ...(data.nodes[label] === undefined ? { detail: "no data yet" } : {}),
      apply: `${quote === "" ? '"' : ""}${label}${close}`,
    }));
    // What the field closed by itself is replaced, so that the caret stands behind it all.
    const closed = /^["']?\](\.json)?/.exec(text.slice(context.pos))?.[0].length ?? 0;
    return {
      from: context.pos - typed.length,
      to: context.pos + closed,
      options,
      validFor: /^[^"']*$/,
    };
  }
  const path = PATH.exec(before);
  if (path) return membersAt(path, context.pos, data);
  const word = /[$\w]*$/.exec(before)?.[0] ?? "";
  if (word === "" && !context.explicit && before.trim() !== "") return null;
  const roots: Completion[] = ROOTS.filter(([root]) =>
    root !== "$item" && root !== "$index" && root !== "$error"
      ? true
      : data.roots[root.slice(1)] !== undefined,
  ).map(([label, info]) => ({
    label,
    detail: info,
    boost: 2,
    ...(label === "$node" ? { apply: nodeNames } : {}),
  }));
  const alone = functions
    .filter((entry) => entry.on === "")
    .map((entry) => ({ label: entry.name, detail: entry.args, info: entry.info }));
  return { from: context.pos - word.length, options: [...roots, ...alone], validFor: /^[$\w]*$/ };
}

/** Writes as far as the name of a node, and offers the names. */
function nodeNames(view: EditorView, completion: Completion, from: number, to: number): void {
  const insert = '$node["';
  view.dispatch({
    ...insertCompletionText(view.state, insert, from, to),
    annotations: pickedCompletion.of(completion),
  });
  startCompletion(view);
}

function membersAt(path: RegExpExecArray, pos: number, data: CompletionData): CompletionResult | null {
  const [, root, steps, separator, typed] = path as unknown as [string, string, string, string, string];
  const value = follow(root, steps, data);
  const from = pos - typed.length;
  const inBrackets = separator.includes("[");
  const options: Completion[] = [];
  if (root === "$node" && steps === "") {
    return inBrackets
      ? null
      : {
          from,
          options: data.names.filter((name) => plain.test(name)).map((label) => ({ label })),
          validFor: /^[\w$]*$/,
        };
  }
  if (isObject(value)) {
    for (const [name, item] of Object.entries(value).slice(0, 200)) {
      const detail = inLine(item, 40);
      if (inBrackets) options.push({ label: name, detail });
      else if (plain.test(name)) options.push({ label: name, detail, boost: 3 });
      else options.push({ label: name, detail, boost: 3, apply: bracketed(name, separator) });
    }
  }
  if (!inBrackets) {
    const kind = kindOf(value);
    for (const entry of functions) {
      if (entry.on !== "" && (kind === undefined || entry.on === kind || entry.on === "any")) {
        options.push({
          label: entry.name,
          detail: entry.args,
          info: entry.info,
          apply: entry.args === "()" ? `${entry.name}()` : `${entry.name}(`,
        });
      }
    }
  }
  return options.length > 0 ? { from, options, validFor: /^[\w$]*$/ } : null;
}

/** A name that cannot stand behind a dot: the dot becomes brackets. */
function bracketed(name: string, separator: string) {
  return (view: { dispatch: (change: object) => void }, _: Completion, from: number, to: number) => {
    const insert = `[${JSON.stringify(name)}]`;
    const start = from - separator.length;
    view.dispatch({ changes: { from: start, to, insert }, selection: { anchor: start + insert.length } });
  };
}

/** The value that a path leads to in the data, or undefined. */
export function follow(root: string, steps: string, data: CompletionData): Json | undefined {
  const parts = [
    ...steps.matchAll(
      /\??\.([A-Za-z_$][\w$]*)(\([^()]*\))?|\??\.?\[(?:(\d+)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))\]/g,
    ),
  ];
  const names: (string | number)[] = [];
  for (const part of parts) {
    // What a function gives is not known here.
    if (part[2] !== undefined) return undefined;
    if (part[1] !== undefined) names.push(part[1]);
    else if (part[3] !== undefined) names.push(Number(part[3]));
    else names.push((part[4] as string).slice(1, -1));
  }
  let value: Json | undefined;
  if (root === "$node") {
    const name = names.shift();
    if (name === undefined) return undefined;
    if (names[0] === "json" || names[0] === "output") names.shift();
    else if (names.length === 0)
      return data.nodes[String(name)] === undefined
        ? { json: null }
        : { json: data.nodes[String(name)] as Json };
    value = data.nodes[String(name)];
  } else value = root === "$env" ? data.env : data.roots[root.slice(1)];
  for (const name of names) {
    if (Array.isArray(value) && typeof name === "number") value = (value as readonly Json[])[name];
    else if (isObject(value)) value = value[String(name)];
    else return undefined;
  }
  return value;
}

function kindOf(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return "array";
  return typeof value === "object" ? "object" : typeof value;
}
