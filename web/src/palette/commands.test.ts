import { expect, it } from "vitest";
import { actions, fits, fitting, screens } from "./commands.ts";

it("finds a screen by the beginnings of its words", () => {
  expect(fits("aud lo", "Audit log")).toBe(true);
  expect(fits("udit", "Audit log")).toBe(false);
  expect(fits("", "Audit log")).toBe(true);
});

it("offers only what the reader may open and do", () => {
  const labels = (permissions: string[]) =>
    [...screens({ permissions }), ...actions({ permissions })].map((command) => command.label);
  expect(labels([])).not.toContain("Audit log");
  expect(labels([])).not.toContain("New workflow");
  expect(labels([])).toContain("Sign out");
  expect(labels(["audit.read"])).toContain("Audit log");
  expect(labels(["workflows.create"])).toContain("New workflow");
});

it("leads to the other workspaces, and not to the one that is open", () => {
  const workspaces = [
    { id: "ws_1", name: "Here" },
    { id: "ws_2", name: "There" },
  ].map((workspace) => ({
    ...workspace,
    organizationId: "org_1",
    organizationName: "Engines",
    organizationRole: "member",
    role: "viewer",
  }));
  const found = fitting("switch", actions({ permissions: [], workspaces, workspaceId: "ws_1" }));
  expect(found.map(({ label }) => label)).toEqual(["Switch to There"]);
});

it("puts what is called so before what only has to do with it", () => {
  const all = screens({ permissions: ["vault.read", "audit.read"] });
  expect(fitting("api", all)[0]?.label).toBe("API keys");
  expect(fitting("help", all)[0]?.label).toBe("Guide");
});
