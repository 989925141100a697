/** What the credential form holds, and how it becomes what the API takes. Pure, so that it is tested without a browser. */
import type { Credential, CredentialPatch, NewCredential } from "../api/types.ts";
import { type AuthField, CLIENT_FIELDS, initialValues, shownFields, type Values, type Way } from "./ways.ts";

/** A header of a `customHeaders` credential while it is typed. */
export interface HeaderRow {
  name: string;
  value: string;
}

/** Everything in the form. Secrets are here while they are typed and are gone when the dialog closes. */
export interface CredentialForm {
  name: string;
  service: string;
  scope: string;
  /** The OAuth app whose client is used; empty for a client of the credential's own. */
  app: string;
  values: Values;
  headers: HeaderRow[];
  /** Optional permissions that were ticked. */
  ticked: string[];
  hosts: string[];
  notes: string;
  expiresAt: string;
  rotateEveryDays: string;
  testUrl: string;
}

/** The form as it opens for a new credential. */
export function emptyForm(way: Way, service = "http"): CredentialForm {
  return {
    name: "",
    service,
    scope: "workspace",
    app: "",
    values: initialValues(way),
    headers: [{ name: "", value: "" }],
    ticked: [],
    hosts: [],
    notes: "",
    expiresAt: "",
    rotateEveryDays: "",
    testUrl: "",
  };
}

/** What is known of a credential before its form opens. */
export interface Beginning {
  readonly authType: string;
  /** Values by the names of the generic fields. */
  readonly values: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
}

/** The form with what is at hand; where a service calls its only secret something else, that gets the secret. */
export function begun(form: CredentialForm, way: Way, beginning: Beginning): CredentialForm {
  const fits = Object.entries(beginning.values).filter(([name]) =>
    way.fields.some((field) => field.name === name),
  );
  const secrets = way.fields.filter((field) => field.secret && field.kind !== "headers");
  const secret = beginning.values.token ?? beginning.values.key ?? beginning.values.password;
  const only = secrets.length === 1 ? secrets[0] : undefined;
  if (only && secret !== undefined && !fits.some(([name]) => name === only.name))
    fits.push([only.name, secret]);
  const name = form.name || (beginning.hosts[0]?.replace(/^https?:\/\//, "") ?? "");
  return {
    ...form,
    name,
    values: { ...form.values, ...Object.fromEntries(fits) },
    hosts: way.hosts === "named" ? [...beginning.hosts] : form.hosts,
  };
}

const text = (value: unknown): string => (Array.isArray(value) ? value.join(" ") : String(value ?? ""));

/** The form for a stored credential: its secrets are empty. */
export function formOf(stored: Credential, way: Way): CredentialForm {
  const parameters = stored.parameters as Record<string, unknown>;
  const known = way.fields.filter((field) => !field.secret && field.name in parameters);
  const granted = Array.isArray(parameters.scopes) ? parameters.scopes.map(String) : [];
  const optional = way.permissions.filter((permission) => permission.optional);
  return {
    ...emptyForm(way, stored.service),
    name: stored.name,
    scope: stored.scope,
    app: text(parameters.oauthApp),
    values: Object.fromEntries(known.map((field) => [field.name, text(parameters[field.name])])),
    ticked: optional.map(({ scope }) => scope).filter((scope) => granted.includes(scope)),
    hosts: stored.allowedHosts,
    notes: stored.notes,
    expiresAt: stored.expiresAt?.slice(0, 10) ?? "",
    rotateEveryDays: stored.rotateEveryDays?.toString() ?? "",
    testUrl: text(parameters.testUrl),
  };
}

/** The form without any secret that was typed. */
export function withoutSecrets(form: CredentialForm, way: Way): CredentialForm {
  const secret = new Set(way.fields.filter((field) => field.secret).map((field) => field.name));
  const values = Object.fromEntries(Object.entries(form.values).filter(([name]) => !secret.has(name)));
  return { ...form, values, headers: [{ name: "", value: "" }] };
}

/** One parameter as the API wants it. */
function parameter(field: AuthField, typed: string): unknown {
  if (field.kind === "words") return typed.split(/\s+/).filter(Boolean);
  if (field.kind === "port") return Number(typed);
  if (field.kind === "flag") return typed === "true";
  return typed;
}

/** The permissions that are asked for: those that every credential needs, and the ticked ones. */
export const askedFor = (form: CredentialForm, way: Way): string[] =>
  way.permissions
    .filter((permission) => !permission.optional || form.ticked.includes(permission.scope))
    .map((permission) => permission.scope);

/** The parameters. What stood in the stored credential and is no field of the form stays. */
export function parametersOf(
  form: CredentialForm,
  way: Way,
  stored: Record<string, unknown> = {},
): Record<string, unknown> {
  const fields = way.fields.filter((field) => !field.secret);
  const own = [...fields.map((field) => field.name), "testUrl", "authKind", "oauthApp"];
  if (form.app !== "") own.push(...CLIENT_FIELDS);
  if (way.permissions.length > 0) own.push("scopes");
  const kept = Object.entries(stored).filter(([name]) => !own.includes(name));
  const typed = fields
    .filter((field) => field.isShown(form.values) && (form.values[field.name] ?? "") !== "")
    .map((field) => [field.name, parameter(field, form.values[field.name] ?? "")] as const);
  const further: [string, unknown][] = [];
  if (form.testUrl.trim()) further.push(["testUrl", form.testUrl.trim()]);
  if (way.permissions.length > 0) further.push(["scopes", askedFor(form, way)]);
  if (way.kind !== undefined) further.push(["authKind", way.kind]);
  if (form.app !== "") further.push(["oauthApp", form.app]);
  return { ...Object.fromEntries([...kept, ...typed, ...further]), ...way.fixed };
}

/** The secrets that were typed; empty ones are left out. */
export function dataOf(form: CredentialForm, way: Way): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const field of shownFields(way, form.values).filter((field) => field.secret)) {
    if (field.kind === "headers") {
      const rows = form.headers.filter((row) => row.name.trim() !== "" && row.value !== "");
      if (rows.length > 0)
        data[field.name] = Object.fromEntries(rows.map((row) => [row.name.trim(), row.value]));
    } else if ((form.values[field.name] ?? "") !== "") {
      data[field.name] = form.values[field.name];
    }
  }
  return data;
}

/** A day as the end of that day in UTC, or null. */
const endOfDay = (day: string): string | null => (day ? `${day}T23:59:59Z` : null);

/** What `POST /api/credentials`, the test of an unsaved credential and the begin of an attempt take. */
export function newBody(form: CredentialForm, way: Way): NewCredential {
  return {
    name: form.name.trim(),
    service: form.service,
    authType: way.authType,
    scope: form.scope,
    parameters: parametersOf(form, way),
    data: dataOf(form, way),
    allowedHosts: way.hosts === "named" ? form.hosts : [],
    ...labelsOf(form),
  };
}

/** What is for people; an attempt takes it with Save. */
export const labelsOf = (form: CredentialForm) => ({
  notes: form.notes,
  expiresAt: endOfDay(form.expiresAt),
  rotateEveryDays: form.rotateEveryDays ? Number(form.rotateEveryDays) : null,
});

/** Whether two values say the same, whatever the order of their members. */
const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** The stored parameters as the form would write them, so that an unchanged form changes nothing. */
function storedParameters(stored: Credential, way: Way): Record<string, unknown> {
  return parametersOf(formOf(stored, way), way, stored.parameters as Record<string, unknown>);
}

/** What `PATCH` takes: only what changed, so that it cannot undo another person's change. */
export function patchBody(form: CredentialForm, way: Way, stored: Credential): CredentialPatch {
  const parameters = parametersOf(form, way, stored.parameters as Record<string, unknown>);
  const data = dataOf(form, way);
  const patch: CredentialPatch = {};
  if (form.name.trim() !== stored.name) patch.name = form.name.trim();
  if (form.notes !== stored.notes) patch.notes = form.notes;
  if (!same(parameters, storedParameters(stored, way))) patch.parameters = parameters;
  if (way.hosts === "named" && !same([...form.hosts].sort(), [...stored.allowedHosts].sort()))
    patch.allowedHosts = form.hosts;
  // Hosts that a description fills in follow its fields: they are left to the server again.
  if (way.hosts === "described" && patch.parameters) patch.allowedHosts = [];
  if (Object.keys(data).length > 0) patch.data = data;
  const labels = labelsOf(form);
  if (form.expiresAt !== (stored.expiresAt?.slice(0, 10) ?? "")) patch.expiresAt = labels.expiresAt;
  if (form.rotateEveryDays !== (stored.rotateEveryDays?.toString() ?? ""))
    patch.rotateEveryDays = labels.rotateEveryDays;
  return patch;
}

/** Whether the change says anew where the secret goes or how, so that every secret has to be typed again. */
export function needsSecretsAgain(form: CredentialForm, way: Way, stored: Credential): boolean {
  const patch = patchBody(form, way, stored);
  const widened = patch.allowedHosts?.some((host) => !stored.allowedHosts.includes(host)) ?? false;
  return widened || patch.parameters !== undefined;
}

/**
 * What is missing before the form can be sent: pointer to sentence. Once an account is connected, the server holds
 * what identifies and what is secret, and only what is for people is sent.
 */
export function missing(
  form: CredentialForm,
  way: Way,
  stored?: Credential,
  isConnected = false,
): Record<string, string> {
  const found: Record<string, string> = {};
  if (!form.name.trim()) found["/name"] = "Give it a name that your team will recognize.";
  if (isConnected) return found;
  const again = stored === undefined || needsSecretsAgain(form, way, stored);
  const data = dataOf(form, way);
  for (const field of shownFields(way, form.values)) {
    const wasSet = stored?.secretFields.includes(field.name) ?? false;
    if (field.optional && !field.isNeeded(form.values) && !(again && wasSet)) continue;
    if (!field.secret && (form.values[field.name] ?? "") === "")
      found[`/parameters/${field.name}`] = "This is required.";
    if (field.secret && again && !(field.name in data)) {
      found[`/data/${field.name}`] = stored
        ? "Where the secret goes has changed: type it again."
        : "This is required.";
    }
  }
  if (way.hosts === "named" && form.hosts.length === 0) {
    found["/allowedHosts"] = "Name at least one host. The secret is never sent anywhere else.";
  }
  return found;
}
