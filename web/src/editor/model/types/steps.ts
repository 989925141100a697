/** Nodes that shape data, repeat, wait, call and end. */

import type { JsonObject } from "../document.ts";
import { isObject } from "../document.ts";
import type { NodeType } from "../nodeTypes.ts";
import { durationText } from "./triggers.ts";

const YEAR = 366 * 86_400_000;

function names(value: unknown): string {
  const keys = isObject(value) ? Object.keys(value) : [];
  return keys.length > 0 ? keys.join(", ") : "";
}

const mode =
  (...modes: readonly string[]) =>
  (values: JsonObject) =>
    modes.includes(typeof values.mode === "string" ? values.mode : "array");

/** The types of this file. */
export const STEPS: readonly NodeType[] = [
  {
    type: "Set",
    label: "Set fields",
    summary: "Writes fields, by hand or by expressions.",
    category: "data",
    icon: "pencil-line",
    words: ["edit", "assign", "map", "fields", "variables"],
    fields: [
      { kind: "pairs", name: "fields", label: "Fields", nameLabel: "Field" },
      { kind: "flag", name: "keepInput", label: "Keep the input beside them", fallback: true },
      {
        kind: "pairs",
        name: "variables",
        label: "Variables of this run",
        nameLabel: "Variable",
        group: "Variables",
        help: "Read them as $workflow.variables.",
      },
    ],
    defaults: { fields: {} },
    subtitle: (values) => names(values.fields) || "No field yet",
  },
  {
    type: "Merge",
    label: "Merge",
    summary: "Joins what several branches bring.",
    category: "data",
    icon: "merge",
    words: ["join", "combine", "append", "wait"],
    fields: [
      {
        kind: "choice",
        name: "mode",
        label: "How",
        fixed: true,
        fallback: "append",
        choices: [
          { value: "append", label: "One array", help: "An input that is an array adds its items." },
          { value: "combine", label: "One object", help: "The later edge wins." },
          { value: "first", label: "Whatever comes first" },
        ],
      },
    ],
    defaults: { mode: "append" },
    subtitle: (values) =>
      ({ combine: "One object", first: "Whatever comes first" })[String(values.mode)] ?? "One array",
  },
  {
    type: "Code",
    label: "Code",
    summary: "Runs JavaScript in a process without files, network or secrets.",
    category: "data",
    icon: "code",
    words: ["javascript", "js", "function", "script"],
    retries: true,
    fields: [
      {
        kind: "code",
        name: "source",
        label: "JavaScript",
        language: "javascript",
        required: true,
        fixed: true,
        help: "The body of a function of input. Return a value.",
      },
      { kind: "duration", name: "timeoutMs", label: "Give up after", min: 1, max: 30_000, fallback: 10_000 },
    ],
    defaults: { source: "return input;" },
    subtitle: () => "JavaScript",
  },
  {
    type: "SubWorkflow",
    label: "Run workflow",
    summary: "Runs another workflow and goes on with what it returns.",
    category: "call",
    icon: "workflow",
    words: ["sub", "call", "reuse", "child"],
    retries: true,
    fields: [
      { kind: "workflow", name: "workflowId", label: "Workflow", required: true, fixed: true },
      {
        kind: "value",
        name: "input",
        label: "Input",
        json: true,
        help: "Leave it empty for this node's input.",
      },
      { kind: "flag", name: "wait", label: "Wait for its end", fallback: true },
    ],
    defaults: {},
    subtitle: (values) => (typeof values.workflowId === "string" ? "Another workflow" : "No workflow chosen"),
  },
  {
    type: "Loop",
    label: "Loop",
    summary: "Repeats what stands behind its loop port.",
    category: "flow",
    icon: "repeat",
    words: ["each", "for", "iterate", "items", "batch", "parallel"],
    fields: [
      {
        kind: "choice",
        name: "mode",
        label: "Over",
        fixed: true,
        fallback: "array",
        choices: [
          { value: "array", label: "Each item of an array" },
          { value: "parallel", label: "Each item, several at once" },
          { value: "batch", label: "Groups of items" },
          { value: "object", label: "Each member of an object" },
          { value: "range", label: "Numbers" },
        ],
      },
      {
        kind: "value",
        name: "items",
        label: "Items",
        placeholder: "{{ $input.items }}",
        help: "Leave it empty for the input.",
        when: mode("array", "parallel", "batch", "object"),
      },
      {
        kind: "number",
        name: "from",
        label: "From",
        min: Number.MIN_SAFE_INTEGER,
        max: Number.MAX_SAFE_INTEGER,
        fallback: 0,
        when: mode("range"),
      },
      {
        kind: "number",
        name: "to",
        label: "To (included)",
        min: Number.MIN_SAFE_INTEGER,
        max: Number.MAX_SAFE_INTEGER,
        required: true,
        when: mode("range"),
      },
      {
        kind: "number",
        name: "batchSize",
        label: "Items per group",
        min: 1,
        max: 10_000,
        fallback: 10,
        when: mode("batch"),
      },
      {
        kind: "number",
        name: "concurrency",
        label: "At once",
        min: 1,
        max: 100,
        fallback: 5,
        when: mode("parallel"),
      },
    ],
    defaults: { mode: "array" },
    ports: () => [
      { name: "loop", label: "loop", tone: "plain" },
      { name: "done", label: "done", tone: "good" },
    ],
    subtitle: (values) =>
      ({ range: "Over numbers", batch: "In groups", object: "Over members", parallel: "Several at once" })[
        String(values.mode)
      ] ?? "Over each item",
  },
  {
    type: "Wait",
    label: "Wait",
    summary: "Waits for a while, or until a time. Survives restarts.",
    category: "flow",
    icon: "hourglass",
    words: ["delay", "sleep", "pause", "until"],
    fields: [
      {
        kind: "duration",
        name: "durationMs",
        label: "For",
        min: 0,
        max: YEAR,
        required: true,
        when: (values) => values.until === undefined,
      },
      {
        kind: "text",
        name: "until",
        label: "Until",
        placeholder: "{{ $input.dueAt }}",
        help: "A time such as 2026-01-31T08:00:00Z, instead of a duration.",
        when: (values) => values.durationMs === undefined,
      },
    ],
    defaults: { durationMs: 60_000 },
    subtitle: (values) =>
      typeof values.durationMs === "number"
        ? `For ${durationText(values.durationMs)}`
        : `Until ${String(values.until ?? "…")}`,
  },
  {
    type: "Terminal",
    label: "Return",
    summary: "Ends the run with a result.",
    category: "flow",
    icon: "flag",
    words: ["end", "terminal", "output", "answer", "respond", "result"],
    fields: [
      {
        kind: "value",
        name: "output",
        label: "Result",
        json: true,
        help: "Leave it empty for this node's input.",
      },
    ],
    defaults: {},
    subtitle: (values) => (values.output === undefined ? "Its input" : "A result"),
  },
];
