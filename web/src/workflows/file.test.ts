import { expect, it } from "vitest";
import { documentIn, textOf, withoutCredentials } from "./file.ts";

const document = documentIn(
  JSON.stringify({
    name: "Orders",
    nodes: [
      { id: "start", name: "Start", type: "Start" },
      { id: "call", name: "Call", type: "HTTPRequest", credentialId: "cred_1" },
    ],
    edges: [{ from: "start", to: "call" }],
  }),
);

it("reads back what it wrote", () => {
  expect(documentIn(textOf(document))).toEqual(document);
});

it("says in a sentence what is no workflow", () => {
  expect(() => documentIn("{")).toThrow(/not JSON/);
  expect(() => documentIn("[]")).toThrow(/`nodes`/);
});

it("leaves out the credential of the named nodes alone", () => {
  expect(withoutCredentials(document, new Set([1])).nodes[1]).not.toHaveProperty("credentialId");
  expect(withoutCredentials(document, new Set([0])).nodes[1]).toHaveProperty("credentialId", "cred_1");
});
