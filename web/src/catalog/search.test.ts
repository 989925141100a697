import { describe, expect, it } from "vitest";
import { categoriesOf, categoryLabel, findServices } from "./search.ts";
import type { ConnectorSummary } from "./types.ts";

const service = (id: string, name: string, more: Partial<ConnectorSummary> = {}): ConnectorSummary => ({
  id,
  name,
  description: "",
  tier: "known",
  category: "ai",
  keywords: [],
  color: null,
  version: "",
  authTypes: [],
  operationCount: 0,
  eventCount: 0,
  ...more,
});

const ALL = [
  service("clickup", "ClickUp", { keywords: ["tasks"] }),
  service("google-calendar", "Google Calendar", { category: "scheduling" }),
  service("slack", "Slack", { tier: "curated", description: "Messages and channels" }),
  service("cafe", "Café Crème"),
];
const names = (text: string) => findServices(ALL, text).map(({ id }) => id);

describe("finding services", () => {
  it("keeps the order while nothing is typed, but puts connectors with operations first", () => {
    expect(names("  ")).toEqual(["slack", "clickup", "google-calendar", "cafe"]);
  });

  it("wants every word, and finds by name, second word, keyword and description", () => {
    expect(names("goo cal")).toEqual(["google-calendar"]);
    expect(names("task")).toEqual(["clickup"]);
    expect(names("messages")).toEqual(["slack"]);
    expect(names("slack tasks")).toEqual([]);
  });

  it("passes over accents", () => {
    expect(names("cafe creme")).toEqual(["cafe"]);
  });

  it("puts a name that begins so before one that only holds it", () => {
    expect(names("c")[0]).toBe("cafe");
    expect(findServices([service("b", "Back Slackware"), ...ALL], "slack")[0]?.id).toBe("slack");
  });
});

it("counts categories and names them for people", () => {
  expect(categoriesOf(ALL)).toEqual([
    { value: "ai", label: "AI", count: 3 },
    { value: "scheduling", label: "Scheduling", count: 1 },
  ]);
  expect(categoryLabel("project-management")).toBe("Project management");
  expect(categoryLabel("")).toBe("Other");
});
