import { expect, it } from "vitest";
import { bodyOf, rowsOf } from "./variables.ts";

it("keeps the type of every variable through the form", () => {
  const variables = { text: "a", number: 3, flag: true, list: [1, "b"], nested: { a: null } };
  expect(bodyOf(rowsOf(variables))).toEqual(variables);
});

it("takes for text what only looks like a number", () => {
  const rows = ["007", "12345678901234567890", "1.0", "{{ x }}", "[open"].map((value, at) => ({
    name: `v${at}`,
    value,
  }));
  expect(Object.values(bodyOf(rows))).toEqual(["007", "12345678901234567890", "1.0", "{{ x }}", "[open"]);
});

it("leaves out rows without a name", () => {
  expect(bodyOf([{ name: " ", value: "x" }])).toEqual({});
});
