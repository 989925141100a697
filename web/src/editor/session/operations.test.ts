import { expect, test } from "vitest";
import { check, operationKey } from "../model/check.ts";
import { readDocument } from "../model/document.ts";
import { eventFields } from "../model/types/connector.ts";
import { Operations } from "./operations.ts";

const document = readDocument({
  name: "One call",
  nodes: [
    { id: "start", name: "Start", type: "Start", parameters: {} },
    { id: "post", name: "Post", type: "Connector", connector: "slack", operation: "chat", parameters: {} },
  ],
  edges: [{ from: "start", to: "post" }],
});
const settled = () => new Promise((resolve) => setTimeout(resolve));

test("an operation is asked for once, and what it needs is a fault of the node afterwards", async () => {
  let asked = 0;
  let told = 0;
  const load = async () => {
    asked += 1;
    return [{ kind: "text", name: "channel", label: "Channel", required: true } as const];
  };
  const operations = new Operations(load, () => {
    told += 1;
  });
  expect(operations.need(document)).toBe(true);
  expect(operations.need(document)).toBe(true);
  await settled();
  expect([asked, told, operations.need(document)]).toEqual([1, 1, false]);
  expect(operations.known.has(operationKey("slack", "chat"))).toBe(true);
  expect(check(document, operations.known)).toMatchObject([
    { node: "post", path: ["parameters", "channel"] },
  ]);
});

test("what an event asks for is a fault of its trigger until it is given", async () => {
  const waiting = readDocument({
    name: "Pushes",
    nodes: [
      {
        id: "in",
        name: "Push",
        type: "ConnectorTrigger",
        connector: "github",
        event: "push",
        parameters: { inputs: { owner: "octo" } },
      },
    ],
    edges: [],
  });
  const asked: string[] = [];
  const operations = new Operations(
    (connector, name, kind) => {
      asked.push(`${kind} ${name} of ${connector}`);
      const text = { type: "string" };
      const properties = { owner: text, repo: text, branch: text };
      return Promise.resolve(eventFields({ properties, required: ["owner", "repo"] }));
    },
    () => undefined,
  );
  expect(operations.need(waiting)).toBe(true);
  await settled();
  expect(asked).toEqual(["event push of github"]);
  expect(check(waiting, operations.known)).toMatchObject([
    { node: "in", path: ["parameters", "inputs", "repo"] },
  ]);
});

test("an operation that cannot be read does not hold back a save", async () => {
  const operations = new Operations(
    () => Promise.reject(new Error("gone")),
    () => undefined,
  );
  expect(operations.need(document)).toBe(true);
  await settled();
  expect(operations.need(document)).toBe(false);
  expect(check(document, operations.known)).toEqual([]);
});
