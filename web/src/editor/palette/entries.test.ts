import { describe, expect, test } from "vitest";
import type { ConnectorSummary, Trigger } from "../../catalog/types.ts";
import { groupsOf } from "./entries.ts";

const service = (id: string, name: string, operationCount: number): ConnectorSummary => ({
  id,
  name,
  description: "",
  tier: operationCount > 0 ? "curated" : "known",
  category: "communication",
  keywords: [],
  color: null,
  version: "",
  authTypes: ["bearer"],
  operationCount,
  eventCount: 0,
});
const slack = service("slack", "Slack", 2);
const services = [service("airtable", "Airtable", 0), slack];
const operation = (id: string, name: string) => ({
  id,
  name,
  group: "Messages",
  method: "POST",
  path: `/${id}`,
});
const event = (id: string, name: string, way: Trigger["way"]): Trigger => ({
  id,
  name,
  description: "",
  payload: null,
  way,
  input: {},
  secretInCredential: false,
});
const callables = [
  {
    service: slack,
    operations: [operation("chat_post", "Send a message"), operation("list", "List channels")],
    triggers: [event("message", "Message posted", "manual"), event("pin", "Message pinned", null)],
  },
];
const find = (query: string) => groupsOf({ query, withoutTriggers: false, services, callables });

describe("the palette", () => {
  test("without a search, the services with operations stand below the nodes", () => {
    const groups = find("");
    expect(groups.at(-1)).toMatchObject({ label: "Services", entries: [{ key: "service:slack" }] });
    expect(
      groups
        .flatMap(({ entries }) => entries)
        .some(({ what }) => what.type === "Connector" && !what.connector),
    ).toBe(false);
  });

  test("an operation is found by its words, with or without the name of its service", () => {
    for (const query of ["send", "slack send", "message slack"]) {
      const operations = find(query).find(({ label }) => label === "Operations");
      expect(operations?.entries[0]?.what, query).toEqual({
        type: "Connector",
        name: "Send a message",
        connector: "slack",
        operation: "chat_post",
      });
    }
  });

  test("an event becomes a trigger; one that cannot be waited for is not offered", () => {
    const events = find("slack message").find(({ label }) => label === "Events");
    expect(events?.entries.map(({ what }) => what)).toEqual([
      { type: "ConnectorTrigger", name: "Message posted", connector: "slack", event: "message" },
    ]);
  });

  test("the name of a service alone does not list all that it can do", () => {
    expect(find("slack").map(({ label }) => label)).toEqual(["Services"]);
  });

  test("a service without operations becomes an HTTP request of its name", () => {
    expect(find("airtable")[0]?.entries[0]?.what).toEqual({ type: "HTTPRequest", name: "Airtable" });
  });

  test("what fits nothing gives nothing", () => {
    expect(find("zzzz")).toEqual([]);
  });
});
