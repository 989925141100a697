import { describe, expect, it } from "vitest";
import { ApiError } from "../api/problem.ts";
import type { AuthFieldShape, Credential } from "../api/types.ts";
import type { Connector } from "../catalog/types.ts";
import {
  dataOf,
  emptyForm,
  formOf,
  missing,
  needsSecretsAgain,
  newBody,
  patchBody,
  withoutSecrets,
} from "./form-state.ts";
import { told } from "./told.ts";
import { genericWay, isConnectedByPerson, needsPerson, shownFields, wayOf, waysOf } from "./ways.ts";
import { authTypeLabel, DEVICE_GRANT, TYPE_GROUPS } from "./words.ts";

const field = (name: string, more: Partial<AuthFieldShape> = {}): AuthFieldShape => ({
  name,
  secret: false,
  optional: false,
  form: "text",
  choices: [],
  help: "",
  ...more,
});
const secret = (name: string, more: Partial<AuthFieldShape> = {}) => field(name, { secret: true, ...more });
const way = (authType: string, fields: AuthFieldShape[], isHttp = true) =>
  genericWay({ authType, isHttp, fields });

const API_KEY = way("apiKey", [
  field("in", { optional: true, form: "choice", choices: ["header", "query"] }),
  field("name"),
  field("prefix", { optional: true }),
  secret("key"),
]);
const BASIC = way("basic", [field("username"), secret("password")]);
const HEADERS = way("customHeaders", [secret("headers", { form: "headers" })]);
const DATABASE = way("database", [field("host"), secret("password")], false);
const OAUTH = way("oauth2", [
  field("grantType", { optional: true }),
  field("authorizationUrl", { optional: true, form: "url" }),
  field("tokenUrl", { optional: true, form: "url" }),
  field("issuer", { optional: true, form: "url" }),
  field("clientId"),
  field("scopes", { optional: true, form: "words" }),
  secret("clientSecret", { optional: true }),
]);

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
    const form = formOf(stored, API_KEY);
    expect(dataOf(form, API_KEY)).toEqual({});
    expect(form.values).toEqual({ in: "header", name: "X-Api-Key" });
    expect(missing(form, API_KEY, stored)).toEqual({});
  });

  it("sends nothing when nothing was changed", () => {
    expect(patchBody(formOf(stored, API_KEY), API_KEY, stored)).toEqual({});
  });

  it("keeps parameters that it does not show", () => {
    const form = formOf(stored, API_KEY);
    form.values.name = "X-Other";
    expect(patchBody(form, API_KEY, stored).parameters).toEqual({ ...stored.parameters, name: "X-Other" });
  });

  it("asks for the secret again when a host is added, not when one is taken away", () => {
    const form = formOf({ ...stored, allowedHosts: ["api.example.com", "b.example.com"] }, API_KEY);
    const wider = { ...stored, allowedHosts: ["api.example.com"] };
    expect(needsSecretsAgain(form, API_KEY, wider)).toBe(true);
    expect(missing(form, API_KEY, wider)["/data/key"]).toMatch(/again/);
    const narrower = { ...stored, allowedHosts: ["api.example.com", "b.example.com", "c.example.com"] };
    expect(needsSecretsAgain(form, API_KEY, narrower)).toBe(false);
  });

  it("takes only headers that have a name and a value", () => {
    const form = emptyForm(HEADERS);
    form.headers = [
      { name: " X-A ", value: "1" },
      { name: "", value: "2" },
      { name: "X-B", value: "" },
    ];
    expect(dataOf(form, HEADERS)).toEqual({ headers: { "X-A": "1" } });
  });

  it("names everything that a new credential lacks", () => {
    expect(Object.keys(missing(emptyForm(BASIC), BASIC)).sort()).toEqual([
      "/allowedHosts",
      "/data/password",
      "/name",
      "/parameters/username",
    ]);
    expect(missing(emptyForm(DATABASE), DATABASE)["/allowedHosts"]).toBeUndefined();
  });

  it("lacks nothing but a name once the account is connected: the server holds the rest", () => {
    const connected = (name: string) => missing({ ...emptyForm(OAUTH), name }, OAUTH, undefined, true);
    expect(connected("CRM")).toEqual({});
    expect(Object.keys(connected(" "))).toEqual(["/name"]);
  });

  it("writes lists, numbers and days as the API takes them", () => {
    const form = { ...emptyForm(OAUTH), expiresAt: "2027-01-31", rotateEveryDays: "90" };
    form.values.scopes = " a  b ";
    const body = newBody(form, OAUTH);
    expect(body.parameters).toMatchObject({ scopes: ["a", "b"] });
    expect([body.expiresAt, body.rotateEveryDays]).toEqual(["2027-01-31T23:59:59Z", 90]);
  });

  it("forgets every secret that was typed, and nothing else", () => {
    const form = emptyForm(BASIC);
    form.values = { username: "ada", password: "hidden" };
    expect(JSON.stringify(withoutSecrets(form, BASIC))).not.toContain("hidden");
    expect(withoutSecrets(form, BASIC).values).toEqual({ username: "ada" });
  });
});

describe("OAuth at the generic service", () => {
  it("asks for the addresses of the chosen grant, unless an issuer tells them", () => {
    const form = emptyForm(OAUTH);
    const gaps = (values: Record<string, string>) =>
      Object.keys(missing({ ...form, values: { ...form.values, ...values } }, OAUTH));
    expect(gaps({})).toContain("/parameters/authorizationUrl");
    expect(gaps({ issuer: "https://id.example.com" })).not.toContain("/parameters/tokenUrl");
    const shown = shownFields(OAUTH, { grantType: "client_credentials" }).map(({ name }) => name);
    expect(shown).not.toContain("authorizationUrl");
  });

  it("knows which grants need a person", () => {
    expect(needsPerson(OAUTH, { grantType: "authorization_code" })).toBe(true);
    expect(needsPerson(OAUTH, { grantType: DEVICE_GRANT })).toBe(true);
    expect(needsPerson(OAUTH, { grantType: "client_credentials" })).toBe(false);
    expect(needsPerson(BASIC, {})).toBe(false);
  });

  it("does not send what belongs to another grant", () => {
    const form = emptyForm(OAUTH);
    form.values = { grantType: "client_credentials", authorizationUrl: "https://a", tokenUrl: "https://t" };
    expect(newBody(form, OAUTH).parameters).toEqual({
      grantType: "client_credentials",
      tokenUrl: "https://t",
    });
  });
});

describe("a described service", () => {
  const connector = {
    auth: [
      {
        id: "oauth2",
        authType: "oauth2",
        name: "OAuth",
        fields: [
          { name: "clientId", label: "Client ID", secret: false, optional: false, format: "text" },
          { name: "clientSecret", label: "Client secret", secret: true, optional: false, format: "text" },
        ],
        oauth: {
          grantType: "",
          permissions: [
            { scope: "read", reason: "Reads.", optional: false },
            { scope: "write", reason: "Writes.", optional: true },
          ],
        },
        test: [{ method: "GET", url: "https://api.example.com/me" }],
      },
      {
        id: "app",
        authType: "oauth2",
        name: "App",
        fields: [
          {
            name: "region",
            label: "Region",
            secret: false,
            optional: false,
            default: "eu",
            choices: ["eu", "us"],
            format: "text",
          },
        ],
        oauth: { grantType: "client_credentials", permissions: [] },
      },
    ],
  } as unknown as Connector;
  const [person, app] = waysOf(connector);
  if (!person || !app) throw new Error("the fixture has two ways");

  it("sends the way, the needed permissions and the ticked ones, and no hosts", () => {
    const form = { ...emptyForm(person, "acme"), ticked: ["write"] };
    form.values = { clientId: "id", clientSecret: "hidden" };
    expect(newBody(form, person)).toMatchObject({
      service: "acme",
      allowedHosts: [],
      parameters: { authKind: "oauth2", clientId: "id", scopes: ["read", "write"] },
      data: { clientSecret: "hidden" },
    });
  });

  it("tells its ways apart by their names, and falls back to the auth type", () => {
    const made = (parameters: Record<string, unknown>, authType = "oauth2") =>
      wayOf({ ...stored, authType, parameters: parameters as never }, waysOf(connector)).key;
    expect(made({ authKind: "app" })).toBe("app");
    expect(made({})).toBe("oauth2");
    expect(made({}, "bearer")).toBe("bearer");
  });

  it("offers a free list of scopes where it names no permissions, and fills in defaults", () => {
    expect(app.fields.map(({ name }) => name)).toEqual(["region", "scopes"]);
    expect(emptyForm(app).values).toEqual({ region: "eu" });
    expect(needsPerson(app, {})).toBe(false);
    expect(app.takesTestUrl).toBe(true);
    expect(person.takesTestUrl).toBe(false);
  });

  it("is reconnected by a person only where one connected it", () => {
    const made = (parameters: Record<string, unknown>) =>
      isConnectedByPerson({ authType: "oauth2", parameters: parameters as never });
    expect(made({ oauth: { grantType: "" } })).toBe(true);
    expect(made({ oauth: { grantType: "client_credentials" } })).toBe(false);
    expect(made({ grantType: "client_credentials" })).toBe(false);
  });
});

it("puts every auth type that has a word into exactly one group of the filter", () => {
  const grouped = TYPE_GROUPS.flatMap((group) => group.types);
  expect(new Set(grouped).size).toBe(grouped.length);
  for (const name of ["bearer", "database", "custom", "digest"]) expect(grouped).toContain(name);
  for (const name of grouped) expect(authTypeLabel(name)).not.toBe(name);
});

it("shows a field without words by its name", () => {
  const [shown] = way("bearer", [field("someNewThing", { help: "What the server says." })]).fields;
  expect([shown?.label, shown?.help]).toEqual(["Some new thing", "What the server says."]);
});

describe("the form of a mail account", () => {
  const text = (name: string, more: object = {}) => ({
    name,
    label: name,
    secret: false,
    optional: false,
    format: "text",
    ...more,
  });
  const tls = text("tls", {
    optional: true,
    choices: ["implicit", "starttls", "disable"],
    help: "implicit is …",
  });
  const connector = {
    auth: [
      {
        id: "account",
        authType: "mail",
        name: "Mail account",
        fields: [text("host", { format: "host" }), text("password", { secret: true }), tls],
        parameters: { protocol: "smtp" },
      },
    ],
  } as unknown as Connector;
  const [mail] = waysOf(connector) as [ReturnType<typeof wayOf>];
  const form = { ...emptyForm(mail, "smtp"), name: "Mail" };

  it("sends what its description fixes, and no name of a way", () => {
    const typed = { ...form, values: { ...form.values, host: "mail.example.com", password: "p" } };
    const body = newBody(typed, mail);
    expect(body.parameters).toEqual({ host: "mail.example.com", tls: "implicit", protocol: "smtp" });
    expect([body.allowedHosts, body.data, mail.takesTestUrl]).toEqual([[], { password: "p" }, false]);
  });

  it("changes nothing when nothing was changed", () => {
    const parameters = { protocol: "smtp", host: "mail.example.com", port: 465 };
    const before = { ...stored, service: "smtp", authType: "mail", parameters, secretFields: ["password"] };
    const kept = before as unknown as Credential;
    const unchanged = formOf(kept, wayOf(kept, [mail]));
    expect(patchBody(unchanged, mail, kept)).toEqual({});
  });

  it("names the ways to secure a connection in words", () => {
    const field = mail.fields.find(({ name }) => name === "tls");
    expect(field?.choices.map(({ label }) => label)).toEqual(["From the first byte", "STARTTLS", "Off"]);
    expect(field?.help).not.toContain("implicit");
  });

  it("tells of a failure what stands at no field", () => {
    const failed = (...errors: { pointer: string; code: string; message: string }[]) =>
      told(new ApiError(422, { title: "t", detail: "2 fields are wrong; see errors.", errors }), mail);
    const host = { pointer: "/parameters/host", code: "c", message: "No host." };
    expect(failed(host)).toBe("Some fields above are wrong.");
    expect(failed(host, { pointer: "/service", code: "c", message: "Unknown." })).toBe("Unknown.");
    expect(failed()).toBe("2 fields are wrong; see errors.");
  });
});
