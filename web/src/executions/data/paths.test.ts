import { expect, test } from "vitest";
import { holds, listIn, narrowed, pathText, tableOf } from "./paths.ts";

test("a path is written as an expression continues it", () => {
  expect(pathText(["body", "items", 0, "a b", "x"])).toBe('.body.items[0]["a b"].x');
});

test("what is looked for is found in names and values, deep down", () => {
  const data = { body: { items: [{ title: "Book" }, { title: "Pen" }] }, code: 200 };
  expect(holds("", data, "pen")).toBe(true);
  expect(narrowed(data, "pen")).toEqual({ body: { items: [{ title: "Pen" }] } });
  expect(narrowed(data, "items")).toEqual({ body: data.body });
  expect(narrowed([{ a: 1 }, { b: 2 }], "b")).toEqual([{ b: 2 }]);
});

test("a list of objects is a table, anything else is none", () => {
  expect(tableOf([{ a: 1 }, { a: 2, b: 3 }])).toMatchObject({ columns: ["a", "b"] });
  expect(tableOf([1, 2])).toBeNull();
  expect(tableOf("x")).toBeNull();
});

test("a table shows the longest list, wherever it stands", () => {
  const data = { body: { rows: [{ a: 1 }, { a: 2 }], tags: [{ b: 1 }] }, list: [1, 2, 3] };
  expect(listIn(data)).toEqual({ path: ["body", "rows"], list: data.body.rows });
  expect(listIn([{ a: 1 }])?.path).toEqual([]);
  expect(listIn({ a: 1 })).toBeNull();
  expect(listIn([1, 2])).toBeNull();
});
