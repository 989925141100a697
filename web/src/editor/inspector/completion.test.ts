import { CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { type CompletionData, completeExpression } from "./completion.ts";

const data: CompletionData = {
  roots: { input: { body: { total: 3, "line-items": [] } }, trigger: {} },
  nodes: { "Look up": { statusCode: 200 } },
  names: ["Start", "Look up"],
  env: { REGION: "eu" },
};

/** What is offered where the bar stands. */
function at(text: string): CompletionResult | null {
  const pos = text.indexOf("|");
  const state = EditorState.create({ doc: text.replace("|", "") });
  return completeExpression(new CompletionContext(state, pos, false), data);
}

/** The text after the entry was taken. */
function taking(text: string, label: string): string | undefined {
  const found = at(text);
  const option = found?.options.find((entry) => entry.label === label);
  if (!found || !option) return undefined;
  const doc = text.replace("|", "");
  const inserted = typeof option.apply === "string" ? option.apply : label;
  return doc.slice(0, found.from) + inserted + doc.slice(found.to ?? text.indexOf("|"));
}

describe("completion of expressions", () => {
  test("offers nothing outside of braces", () => {
    expect(at("Dear $in|")).toBeNull();
  });

  test("names of nodes are offered as soon as the bracket is there, and what was closed is not closed twice", () => {
    const whole = '{{ $node["Look up"].json }}';
    for (const begun of ["{{ $node[| }}", "{{ $node[|] }}", '{{ $node["Lo| }}', '{{ $node["|"] }}'])
      expect(taking(begun, "Look up"), begun).toBe(whole);
    expect(taking("{{ $node['|'].json }}", "Look up")).toBe("{{ $node['Look up'].json }}");
  });

  test("members are those of the last run, and the functions of their kind", () => {
    const labels = at('{{ $node["Look up"].json.| }}')?.options.map(({ label }) => label);
    expect(labels).toContain("statusCode");
    const ofNumber = at("{{ $input.body.total.| }}")?.options.map(({ label }) => label);
    expect(ofNumber).toContain("toFixed");
    expect(ofNumber).not.toContain("toUpperCase");
    expect(at("{{ $env.| }}")?.options.map(({ label }) => label)).toContain("REGION");
  });
});
