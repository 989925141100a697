import { describe, expect, it } from "vitest";
import { rowsOf, typeText } from "./schema.ts";
import type { Schema } from "./types.ts";

const schema: Schema = {
  type: "object",
  required: ["channel"],
  properties: {
    text: { type: "string", description: "The text" },
    channel: { type: "string" },
    tags: { type: "array", items: { type: "integer" } },
    message: { $ref: "#/$defs/Message" },
  },
  $defs: {
    Message: {
      type: "object",
      description: "A message",
      properties: { ts: { type: "string", format: "date-time" }, parent: { $ref: "#/$defs/Message" } },
    },
  },
};

describe("a schema as rows", () => {
  it("puts what is needed first, and follows references one level at a time", () => {
    const rows = rowsOf(schema).map(({ name, depth, type, isRequired }) => [name, depth, type, isRequired]);
    expect(rows).toEqual([
      ["channel", 0, "text", true],
      ["text", 0, "text", false],
      ["tags", 0, "list of whole number", false],
      ["message", 0, "object", false],
      ["ts", 1, "text (date-time)", false],
      ["parent", 1, "object", false],
    ]);
  });

  it("keeps the order that the description asks for among equals", () => {
    expect(rowsOf(schema, ["message", "text"]).map(({ name }) => name)).toEqual([
      "channel",
      "message",
      "ts",
      "parent",
      "text",
      "tags",
    ]);
  });

  it("names choices, alternatives and what must hold at once", () => {
    expect(typeText({ enum: ["a", 1] }, {})).toBe("one of: a, 1");
    expect(typeText({ anyOf: [{ type: "string" }, { type: "null" }, { type: "number" }] }, {})).toBe(
      "text or anything or number",
    );
    expect(typeText({}, {})).toBe("anything");
    const both = rowsOf({ allOf: [{ properties: { a: { type: "boolean" } }, required: ["a"] }] });
    expect(both).toEqual([{ name: "a", depth: 0, type: "true or false", isRequired: true, text: "" }]);
  });

  it("comes to an end where a type holds itself", () => {
    const circle: Schema = { $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } };
    expect(rowsOf(circle)).toEqual([]);
  });
});
