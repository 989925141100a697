/**
 * References to nodes in expressions: `$node["Look up"]`, `$node['Look up']`, `$node.LookUp`.
 *
 * Templates are read as the server reads them: `{{` opens an expression unless an odd number of backslashes stands
 * before it, and texts inside an expression are passed over, except `${...}` of template text.
 */

import type { Json, WorkflowNode } from "./document.ts";
import { isObject } from "./document.ts";

/** A stretch of a template: plain text, or the inside of `{{ ... }}`. */
export interface Segment {
  readonly expression: boolean;
  /** What stands there, without the braces. */
  readonly text: string;
  /** Where it begins in the template. */
  readonly start: number;
  /** Whether the closing braces are missing. */
  readonly open?: boolean;
}

/** The stretches of a template. */
export function segmentsOf(template: string): readonly Segment[] {
  const segments: Segment[] = [];
  let plain = 0;
  let at = 0;
  while (at < template.length) {
    const next = template.indexOf("{{", at);
    if (next < 0) break;
    let slashes = 0;
    while (template[next - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 1) {
      at = next + 2;
      continue;
    }
    if (next > plain) segments.push({ expression: false, text: template.slice(plain, next), start: plain });
    const end = endOfExpression(template, next + 2);
    if (end < 0) {
      segments.push({ expression: true, text: template.slice(next + 2), start: next + 2, open: true });
      return segments;
    }
    segments.push({ expression: true, text: template.slice(next + 2, end), start: next + 2 });
    plain = end + 2;
    at = plain;
  }
  if (plain < template.length)
    segments.push({ expression: false, text: template.slice(plain), start: plain });
  return segments;
}

/** Where the `}}` of an expression stands, or -1: texts are passed over, braces are counted. */
function endOfExpression(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"' || char === "'" || char === "`") {
      at = endOfText(text, at);
    } else if (char === "{") depth += 1;
    else if (char === "}") {
      if (depth === 0 && text[at + 1] === "}") return at;
      depth -= 1;
    }
  }
  return -1;
}

/** Where a text that begins here ends; the end of everything when it is not closed. */
function endOfText(text: string, from: number): number {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at;
    else if (quote === "`" && text[at] === "$" && text[at + 1] === "{") {
      let depth = 0;
      for (at += 2; at < text.length; at += 1) {
        const char = text[at];
        if (char === '"' || char === "'" || char === "`") at = endOfText(text, at);
        else if (char === "{") depth += 1;
        else if (char === "}") {
          if (depth === 0) break;
          depth -= 1;
        }
      }
    }
  }
  return text.length;
}

const BRACKET = /\$node(\s*(?:\?\.)?\s*\[\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(\s*\])/y;
const DOT = /\$node(\s*\??\.\s*)([A-Za-z_$][\w$]*)/y;

/** Calls `found` for every reference in an expression and puts what it returns in its place. */
function mapReferences(expression: string, found: (name: string, written: string) => string): string {
  let result = "";
  let at = 0;
  while (at < expression.length) {
    const char = expression[at] as string;
    if (char === '"' || char === "'") {
      const end = endOfText(expression, at);
      result += expression.slice(at, end + 1);
      at = end + 1;
    } else if (char === "`") {
      const end = endOfText(expression, at);
      const inner = expression.slice(at, end + 1);
      // What stands in `${...}` of template text is code again.
      result += inner.replace(/\$\{([^{}]*)\}/g, (_, code: string) => `\${${mapReferences(code, found)}}`);
      at = end + 1;
    } else if (char === "$" && !/[\w$.]/.test(expression[at - 1] ?? "")) {
      BRACKET.lastIndex = at;
      DOT.lastIndex = at;
      const bracket = BRACKET.exec(expression);
      const match = bracket ?? DOT.exec(expression);
      if (match) {
        const name = bracket ? unquote(match[2] as string) : (match[2] as string);
        result += found(name, match[0]);
        at += match[0].length;
      } else {
        result += char;
        at += 1;
      }
    } else {
      result += char;
      at += 1;
    }
  }
  return result;
}

function unquote(text: string): string {
  if (text.startsWith('"')) {
    try {
      return JSON.parse(text) as string;
    } catch {
      // Escapes that JSON does not have are read below.
    }
  }
  return text.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** The names of the nodes that a value's expressions refer to. */
export function referencedNames(value: Json | undefined, names = new Set<string>()): Set<string> {
  if (typeof value === "string") {
    for (const segment of segmentsOf(value)) {
      if (segment.expression) {
        mapReferences(segment.text, (name, written) => {
          names.add(name);
          return written;
        });
      }
    }
  } else if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) referencedNames(item, names);
  } else if (isObject(value)) {
    for (const item of Object.values(value)) referencedNames(item, names);
  }
  return names;
}

/** A text with every reference to a renamed node rewritten. */
export function renameInText(template: string, renames: ReadonlyMap<string, string>): string {
  let result = "";
  for (const segment of segmentsOf(template)) {
    if (!segment.expression) {
      result += segment.text;
      continue;
    }
    const text = mapReferences(segment.text, (name, written) => {
      const to = renames.get(name);
      if (to === undefined) return written;
      return `$node${written.includes("?.") ? "?." : ""}[${JSON.stringify(to)}]`;
    });
    result += `{{${text}${segment.open ? "" : "}}"}`;
  }
  return result;
}

/** A value with every reference to a renamed node rewritten; the same object when nothing changed. */
export function renameInValue(value: Json, renames: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") return value.includes("$node") ? renameInText(value, renames) : value;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => renameInValue(item, renames));
    return items.every((item, place) => item === value[place]) ? value : items;
  }
  if (isObject(value)) {
    const entries = Object.entries(value).map(
      ([name, item]) => [name, renameInValue(item, renames)] as const,
    );
    return entries.every(([name, item]) => item === value[name]) ? value : Object.fromEntries(entries);
  }
  return value;
}

/** A node with every reference to renamed nodes rewritten. The source of a Code node is no template. */
export function renameInNode(node: WorkflowNode, renames: ReadonlyMap<string, string>): WorkflowNode {
  if (node.type === "Code" || renames.size === 0) return node;
  const parameters = renameInValue(node.parameters, renames);
  return parameters === node.parameters
    ? node
    : { ...node, parameters: parameters as WorkflowNode["parameters"] };
}
