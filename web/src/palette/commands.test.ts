import { expect, it } from "vitest";
import { fits, screens } from "./commands.ts";

it("finds a screen by the beginnings of its words", () => {
  expect(fits("aud lo", "Audit log")).toBe(true);
  expect(fits("udit", "Audit log")).toBe(false);
  expect(fits("", "Audit log")).toBe(true);
});

it("offers only what the reader may open", () => {
  const labels = (permissions: string[]) => screens(permissions).map((screen) => screen.label);
  expect(labels([])).not.toContain("Audit log");
  expect(labels(["audit.read"])).toContain("Audit log");
});
