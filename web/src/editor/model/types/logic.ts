/** Nodes that decide where a run goes. */

import type { Json, JsonObject } from "../document.ts";
import { isObject } from "../document.ts";
import type { Field } from "../fields.ts";
import type { NodeType, Port } from "../nodeTypes.ts";

/** How two values are compared; the ones with `unary` look at the first only. */
export const OPERATORS: readonly {
  readonly value: string;
  readonly label: string;
  readonly unary?: boolean;
}[] = [
  { value: "equal", label: "is equal to" },
  { value: "notEqual", label: "is not equal to" },
  { value: "greaterThan", label: "is greater than" },
  { value: "lessThan", label: "is less than" },
  { value: "greaterThanOrEqual", label: "is at least" },
  { value: "lessThanOrEqual", label: "is at most" },
  { value: "contains", label: "contains" },
  { value: "notContains", label: "does not contain" },
  { value: "startsWith", label: "starts with" },
  { value: "notStartsWith", label: "does not start with" },
  { value: "endsWith", label: "ends with" },
  { value: "notEndsWith", label: "does not end with" },
  { value: "regex", label: "matches the pattern" },
  { value: "isEmpty", label: "is empty", unary: true },
  { value: "isNotEmpty", label: "is not empty", unary: true },
  { value: "isNull", label: "is null", unary: true },
  { value: "isNotNull", label: "is not null", unary: true },
  { value: "isTrue", label: "is true", unary: true },
  { value: "isFalse", label: "is false", unary: true },
];

const UNARY = new Set(OPERATORS.filter((operator) => operator.unary).map((operator) => operator.value));

const CONDITIONS: readonly Field[] = [
  {
    kind: "list",
    name: "conditions",
    label: "Conditions",
    required: true,
    least: 1,
    most: 100,
    itemLabel: "condition",
    template: { value1: "", operator: "equal", value2: "" },
    fields: [
      { kind: "value", name: "value1", label: "Value", placeholder: "{{ $input.status }}" },
      {
        kind: "choice",
        name: "operator",
        label: "Comparison",
        required: true,
        fixed: true,
        choices: OPERATORS,
      },
      {
        kind: "value",
        name: "value2",
        label: "Compared with",
        when: (values) => typeof values.operator !== "string" || !UNARY.has(values.operator),
      },
    ],
  },
  {
    kind: "choice",
    name: "combinator",
    label: "Joined by",
    fixed: true,
    buttons: true,
    fallback: "and",
    choices: [
      { value: "and", label: "All hold" },
      { value: "or", label: "Any holds" },
    ],
    when: (values) => Array.isArray(values.conditions) && values.conditions.length > 1,
  },
];

const CLASSES = ["timeout", "network", "validation", "authentication"];

function conditionText(values: JsonObject): string {
  const list = Array.isArray(values.conditions) ? (values.conditions as readonly Json[]) : [];
  const first = list[0];
  if (!isObject(first)) return "No condition yet";
  const operator = OPERATORS.find((entry) => entry.value === first.operator);
  const side = (value: Json | undefined) =>
    typeof value === "string" ? value.replace(/^\{\{\s*|\s*\}\}$/g, "") : JSON.stringify(value ?? "");
  const line =
    `${side(first.value1)} ${operator?.label ?? ""} ${operator?.unary ? "" : side(first.value2)}`.trim();
  return list.length > 1 ? `${line} (+${list.length - 1})` : line;
}

function namedPorts(
  list: Json | undefined,
  nameOf: (entry: JsonObject) => Json | undefined,
): readonly Port[] {
  const entries = Array.isArray(list) ? (list as readonly Json[]).filter(isObject) : [];
  const names = entries.map(nameOf).filter((name): name is string => typeof name === "string" && name !== "");
  return names.map((name) => ({ name, label: name, tone: "plain" as const }));
}

const DEFAULT_PORT: Port = { name: "default", label: "default", tone: "plain" };

/** The types of this file. */
export const LOGIC: readonly NodeType[] = [
  {
    type: "If",
    label: "If",
    summary: "Goes one of two ways, by conditions.",
    category: "logic",
    icon: "split",
    words: ["condition", "branch", "compare", "true", "false", "else"],
    fields: CONDITIONS,
    defaults: { conditions: [{ value1: "", operator: "equal", value2: "" }] },
    ports: () => [
      { name: "true", label: "true", tone: "good" },
      { name: "false", label: "false", tone: "bad" },
    ],
    subtitle: conditionText,
  },
  {
    type: "Switch",
    label: "Switch",
    summary: "Goes one of several ways, by the first case that fits a value.",
    category: "logic",
    icon: "route",
    words: ["case", "router", "branch", "match"],
    fields: [
      { kind: "value", name: "value", label: "Value", required: true, placeholder: "{{ $input.type }}" },
      {
        kind: "list",
        name: "cases",
        label: "Cases",
        most: 100,
        itemLabel: "case",
        template: { match: "", port: "" },
        help: "* stands for any characters.",
        fields: [
          {
            kind: "value",
            name: "match",
            label: "When it is",
            required: true,
            placeholder: "subscription.*",
          },
          {
            kind: "text",
            name: "port",
            label: "Leave by",
            required: true,
            fixed: true,
            maxLength: 120,
            placeholder: "subscription",
          },
        ],
      },
    ],
    defaults: { value: "", cases: [{ match: "", port: "case1" }] },
    ports: (values) => [...namedPorts(values.cases, (entry) => entry.port), DEFAULT_PORT],
    subtitle: (values) =>
      typeof values.value === "string" && values.value !== "" ? values.value : "By a value",
  },
  {
    type: "Filter",
    label: "Filter",
    summary: "Keeps the items that meet conditions.",
    category: "logic",
    icon: "filter",
    words: ["items", "where", "keep", "drop", "array"],
    fields: [
      {
        kind: "value",
        name: "items",
        label: "Items",
        placeholder: "{{ $input }}",
        help: "Leave it empty for the input.",
      },
      ...CONDITIONS,
    ],
    defaults: { conditions: [{ value1: "{{ $item }}", operator: "isNotEmpty" }] },
    ports: () => [
      { name: "output", label: "kept", tone: "plain" },
      { name: "dropped", label: "dropped", tone: "bad" },
    ],
    subtitle: conditionText,
  },
  {
    type: "ErrorHandling",
    label: "Error handling",
    summary: "Sorts the errors that arrive from error ports.",
    category: "logic",
    icon: "shield-alert",
    words: ["catch", "failure", "retry", "timeout"],
    fields: [
      {
        kind: "list",
        name: "filters",
        label: "Kinds of errors",
        most: 50,
        itemLabel: "kind",
        template: { type: "timeout" },
        help: "Without any, each kind has a port of its own name.",
        fields: [
          {
            kind: "choice",
            name: "type",
            label: "Kind",
            required: true,
            fixed: true,
            choices: [...CLASSES, "custom"].map((value) => ({ value, label: value })),
          },
          {
            kind: "text",
            name: "pattern",
            label: "Pattern",
            fixed: true,
            help: "A regular expression for the code or the message.",
            when: (values) => values.type === "custom" || values.pattern !== undefined,
            required: true,
          },
          {
            kind: "text",
            name: "port",
            label: "Leave by",
            fixed: true,
            maxLength: 120,
            help: "Without it, the kind.",
          },
        ],
      },
    ],
    defaults: {},
    ports: (values) => {
      const given = Array.isArray(values.filters);
      const ports = given
        ? namedPorts(values.filters, (entry) => entry.port ?? entry.type)
        : CLASSES.map((name) => ({ name, label: name, tone: "plain" as const }));
      return [...ports, DEFAULT_PORT];
    },
    subtitle: () => "By the kind of error",
  },
];
