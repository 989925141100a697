import { describe, expect, test } from "vitest";
import type { Schema } from "../../catalog/types.ts";
import { fieldOf, fieldsOf, helpOf, labelOf, resolved, strangers } from "./schema.ts";

const field = (schema: Schema, defs = {}, required = false) => fieldOf("value", schema, defs, required);

describe("fields of JSON Schema", () => {
  test("each simple type has its control", () => {
    expect(field({ type: "string" }).kind).toBe("text");
    expect(field({ type: ["string", "null"] }).kind).toBe("text");
    expect(field({ type: "boolean" })).toMatchObject({ kind: "flag", explicit: true });
    expect(field({ type: "integer", minimum: 1, maximum: 9 })).toMatchObject({
      kind: "number",
      min: 1,
      max: 9,
    });
    expect(field({ type: "number" })).toMatchObject({ kind: "number", decimal: true });
    expect(field({ enum: ["a", "b"] })).toMatchObject({
      kind: "choice",
      choices: [{ value: "a" }, { value: "b" }],
    });
    expect(field({ type: "array", items: { type: "string" } }).kind).toBe("texts");
    expect(field({ type: "object", additionalProperties: { type: "string" } }).kind).toBe("pairs");
  });

  test("what people write in several lines has room for them", () => {
    const multiline = (name: string, schema: Schema) => fieldOf(name, schema, {}, false);
    expect(multiline("html", { type: "string" })).toMatchObject({ kind: "text", multiline: true });
    expect(multiline("subject", { type: "string" })).not.toHaveProperty("multiline");
    expect(multiline("body", { type: "string", format: "uri" })).not.toHaveProperty("multiline");
  });

  test("an address in a description is kept, and marks are not", () => {
    expect(helpOf("A <b>name</b>, or Ada <ada@example.com>.")).toBe("A name , or Ada <ada@example.com>.");
  });

  test("what has no control is JSON with an example of its shape", () => {
    const made = field({ type: "object", properties: { id: { type: "string" }, on: { type: "boolean" } } });
    expect(made).toMatchObject({ kind: "value", json: true });
    expect(JSON.parse(made.placeholder ?? "")).toEqual({ id: "…", on: true });
    expect(field({ type: "array", items: { type: "object" } })).toMatchObject({ kind: "value", json: true });
    expect(field({ oneOf: [{ type: "string" }, { type: "object" }] }).kind).toBe("value");
  });

  test("references are followed and end where a schema refers to itself", () => {
    const defs: Record<string, Schema> = {
      Name: { type: "string", description: "A name" },
      Tree: { type: "object", properties: { child: { $ref: "#/$defs/Tree" } } },
      Loop: { $ref: "#/$defs/Loop" },
    };
    expect(field({ $ref: "#/$defs/Name", description: "Its own words" }, defs)).toMatchObject({
      kind: "text",
      help: "Its own words",
    });
    expect(field({ $ref: "#/$defs/Tree" }, defs).kind).toBe("value");
    expect(field({ $ref: "#/$defs/Loop" }, defs).kind).toBe("value");
  });

  test("the parts of allOf are one", () => {
    const joined = resolved(
      { allOf: [{ properties: { a: {} }, required: ["a"] }, { properties: { b: {} } }], required: ["b"] },
      {},
    );
    expect(Object.keys(joined.properties ?? {})).toEqual(["a", "b"]);
    expect(joined.required).toEqual(["a", "b"]);
  });

  test("what is needed stands first, then what the connector puts first, then the rest by itself", () => {
    const fields = fieldsOf({
      input: {
        type: "object",
        properties: { note: { type: "string" }, text: { type: "string" }, channel: { type: "string" } },
        required: ["channel"],
      },
      hints: { order: ["channel", "text"] },
    });
    expect(fields.map(({ name, group }) => [name, group])).toEqual([
      ["channel", undefined],
      ["text", undefined],
      ["note", "Optional"],
    ]);
    expect(strangers({ channel: "C1", url: "x" }, fields)).toEqual(["url"]);
  });

  test("names are words and descriptions are short", () => {
    expect([labelOf("thread_ts"), labelOf("createdAt"), labelOf("list_id"), labelOf("URL")]).toEqual([
      "Thread ts",
      "Created at",
      "List ID",
      "URL",
    ]);
    expect(helpOf("See [the **page**](https://x.example) `now`")).toBe("See the page now");
    expect(helpOf(`${"A sentence of some length that says much. ".repeat(9)}`)?.length).toBeLessThan(225);
    expect(helpOf("")).toBeUndefined();
  });
});
