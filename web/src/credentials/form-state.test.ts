import { describe, expect, it } from "vitest";
import type { Credential } from "../api/types.ts";
import { AUTH_TYPES, TYPE_GROUPS } from "./auth-types.ts";
import { dataOf, emptyForm, formOf, missing, needsSecretsAgain, newBody, patchBody } from "./form-state.ts";

const stored: Credential = {
  id: "cred_1",
  name: "Practice",
  service: "http",
  authType: "apiKey",
  scope: "workspace",
  parameters: {
    in: "header",
    name: "X-Api-Key",
    testUrl: "https://api.example.com/me",
    note: "kept",
  } as never,
  allowedHosts: ["api.example.com"],
  notes: "",
  status: "active",
  secretFields: ["key"],
  secretChangedAt: "2026-01-01T00:00:00Z",
  ownerId: "usr_1",
  workspaceId: "ws_1",
  organizationId: "org_1",
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
};

describe("the credential form", () => {
  it("opens a stored credential with every secret empty", () => {
    const form = formOf(stored);
    expect(dataOf(form)).toEqual({});
    expect(form.values).toEqual({ in: "header", name: "X-Api-Key" });
    expect(missing(form, stored)).toEqual({});
  });

  it("sends nothing when nothing was changed", () => {
    expect(patchBody(formOf(stored), stored)).toEqual({});
  });

  it("keeps parameters that it does not show", () => {
    const form = formOf(stored);
    form.values.name = "X-Other";
    expect(patchBody(form, stored).parameters).toEqual({ ...stored.parameters, name: "X-Other" });
  });

  it("asks for the secret again when a host is added, not when one is taken away", () => {
    const form = formOf({ ...stored, allowedHosts: ["api.example.com", "b.example.com"] });
    const wider = { ...stored, allowedHosts: ["api.example.com"] };
    expect(needsSecretsAgain(form, wider)).toBe(true);
    expect(missing(form, wider)["/data/key"]).toMatch(/again/);
    const narrower = { ...stored, allowedHosts: ["api.example.com", "b.example.com", "c.example.com"] };
    expect(needsSecretsAgain(form, narrower)).toBe(false);
  });

  it("takes only headers that have a name and a value", () => {
    const form = emptyForm("customHeaders");
    form.headers = [
      { name: " X-A ", value: "1" },
      { name: "", value: "2" },
      { name: "X-B", value: "" },
    ];
    expect(dataOf(form)).toEqual({ headers: { "X-A": "1" } });
  });

  it("names everything that a new credential lacks", () => {
    const gaps = missing(emptyForm("basic"));
    expect(Object.keys(gaps).sort()).toEqual([
      "/allowedHosts",
      "/data/password",
      "/name",
      "/parameters/username",
    ]);
    expect(missing(emptyForm("database"))["/allowedHosts"]).toBeUndefined();
  });

  it("writes lists, numbers and days as the API takes them", () => {
    const form = { ...emptyForm("oauth2"), expiresAt: "2027-01-31", rotateEveryDays: "90" };
    form.values.scopes = " a  b ";
    const body = newBody(form);
    expect(body.parameters).toMatchObject({ scopes: ["a", "b"] });
    expect([body.expiresAt, body.rotateEveryDays]).toEqual(["2027-01-31T23:59:59Z", 90]);
  });

  it("puts every auth type into exactly one group of the filter", () => {
    const grouped: string[] = TYPE_GROUPS.flatMap((group) => [...group.types]);
    for (const { name } of AUTH_TYPES) expect(grouped.filter((entry) => entry === name)).toHaveLength(1);
  });
});
