import { describe, expect, it } from "vitest";
import { ApiError } from "../api/problem.ts";
import type { Credential, OauthApp } from "../api/types.ts";
import type { Connector } from "../catalog/types.ts";
import { emptyForm, formOf, missing, newBody, patchBody } from "../credentials/form-state.ts";
import { waysOf, withApp } from "../credentials/ways.ts";
import { clientFields, clientOf, isNeeded, needsHosts, shownOf } from "./fields.ts";
import { usableApps } from "./levels.ts";
import { usersIn } from "./queries.ts";

const described = (tokenUrl: string) =>
  ({
    auth: [
      { id: "token", authType: "bearer", name: "Token", fields: [] },
      {
        id: "app",
        authType: "oauth2",
        name: "OAuth app",
        fields: [
          { name: "subdomain", label: "Subdomain", secret: false, optional: false, format: "hostLabel" },
          { name: "clientId", label: "Application ID", secret: false, optional: false, format: "text" },
          { name: "clientSecret", label: "Client secret", secret: true, optional: false, format: "text" },
        ],
        oauth: { grantType: "authorization_code", permissions: [], tokenUrl },
      },
    ],
  }) as unknown as Connector;

const app = (id: string, level: string, service = "acme") =>
  ({ id, level, service, parameters: {}, allowedHosts: [], secretFields: [] }) as unknown as OauthApp;

describe("an OAuth app", () => {
  it("asks for the client in the words of its service, and for nothing of the account", () => {
    const fields = clientFields(described("https://acme.example.com/token"));
    const first = shownOf(fields, {}).filter(({ isMore }) => !isMore);
    expect(first.map(({ label }) => label)).toEqual(["Application ID", "Client secret"]);
    expect(clientOf(fields, { clientId: "id", clientSecret: "hidden", subdomain: "x" })).toEqual({
      parameters: { clientId: "id" },
      data: { clientSecret: "hidden" },
    });
  });

  it("asks for what proves the client, and for nothing else", () => {
    const fields = clientFields(described("https://acme.example.com/token"));
    const names = (method: string) => shownOf(fields, { clientAuthMethod: method }).map(({ name }) => name);
    expect(names("")).toEqual(["clientId", "clientSecret", "clientAuthMethod"]);
    expect(names("client_secret_post")).toEqual(names(""));
    expect(names("none")).toEqual(["clientId", "clientAuthMethod"]);
    expect(names("private_key_jwt")).toEqual([
      "clientId",
      "clientAuthMethod",
      "keyId",
      "algorithm",
      "privateKey",
    ]);
    // What was typed before the choice does not go along.
    const values = { clientId: "id", clientSecret: "hidden", clientAuthMethod: "none" };
    expect(clientOf(fields, values)).toEqual({
      parameters: { clientId: "id", clientAuthMethod: "none" },
      data: {},
    });
    const key = fields.find(({ name }) => name === "privateKey");
    expect(key && isNeeded(key, { clientAuthMethod: "private_key_jwt" })).toBe(true);
    const choices = fields.find(({ name }) => name === "clientAuthMethod")?.choices ?? [];
    expect(choices.map(({ value }) => value)).toEqual([
      "client_secret_basic",
      "client_secret_post",
      "private_key_jwt",
      "none",
    ]);
  });

  it("of a service that is gone has the usual fields", () => {
    expect(shownOf(clientFields(undefined), {}).map(({ label }) => label)).toEqual([
      "Client ID",
      "Client secret",
      "How the app proves itself",
    ]);
  });

  it("has to name hosts where the service's differ from account to account", () => {
    expect(needsHosts(described("https://acme.example.com/token"))).toBe(false);
    expect(needsHosts(described("https://{subdomain}.example.com/token"))).toBe(true);
  });

  it("of one workspace is not offered to what the whole organization uses", () => {
    const apps = [app("a", "workspace"), app("b", "organization"), app("c", "workspace", "other")];
    expect(usableApps(apps, "acme", "workspace").map(({ id }) => id)).toEqual(["a", "b"]);
    expect(usableApps(apps, "acme", "organization").map(({ id }) => id)).toEqual(["b"]);
  });

  it("tells what uses it out of the refusal alone", () => {
    const credentials = [{ credentialId: "cred_1", name: "Shop" }];
    const problem = { title: "", detail: "", code: "oauth_app_in_use", credentials, elsewhere: 2 };
    expect(usersIn(new ApiError(409, problem))).toEqual({ credentials, elsewhere: 2 });
    expect(usersIn(new ApiError(409, { title: "", detail: "", code: "conflict" }))).toBeUndefined();
  });
});

describe("a credential that uses an app", () => {
  const whole = waysOf(described("https://acme.example.com/token"))[1];
  if (!whole) throw new Error("the fixture has two ways");
  const chosen = { ...emptyForm(whole, "acme"), app: "app_1", name: "Shop", values: { subdomain: "s" } };

  it("needs no client of its own, and names the app", () => {
    const way = withApp(whole, "app_1");
    expect(missing(chosen, way)).toEqual({});
    expect(newBody(chosen, way)).toMatchObject({
      parameters: { subdomain: "s", oauthApp: "app_1", authKind: "app" },
      data: {},
    });
  });

  it("is stored and opened without a change, and gives its app up for a client of its own", () => {
    const stored = {
      name: "Shop",
      service: "acme",
      scope: "workspace",
      authType: "oauth2",
      parameters: { subdomain: "s", oauthApp: "app_1", authKind: "app" },
      allowedHosts: [],
      secretFields: [],
      notes: "",
    } as unknown as Credential;
    const form = formOf(stored, whole);
    expect(patchBody(form, withApp(whole, form.app), stored)).toEqual({});
    const own = { ...form, app: "", values: { ...form.values, clientId: "id", clientSecret: "hidden" } };
    const patch = patchBody(own, whole, stored);
    expect(patch.parameters).toEqual({ subdomain: "s", clientId: "id", authKind: "app" });
    expect(patch.data).toEqual({ clientSecret: "hidden" });
  });
});
