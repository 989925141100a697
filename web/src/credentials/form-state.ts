/** What the credential form holds, and how it becomes what the API takes. Pure, so that it is tested without a browser. */
import type { Credential, CredentialPatch, NewCredential } from "../api/types.ts";
import { type AuthField, authType } from "./auth-types.ts";

/** A header of a `customHeaders` credential while it is typed. */
export interface HeaderRow {
  name: string;
  value: string;
}

/** Everything in the form. Secrets are here while they are typed and are gone when the dialog closes. */
export interface CredentialForm {
  name: string;
  service: string;
  authType: string;
  scope: string;
  values: Record<string, string>;
  headers: HeaderRow[];
  hosts: string[];
  notes: string;
  expiresAt: string;
  rotateEveryDays: string;
  testUrl: string;
}

/** The fields that an auth type asks for; empty for one that only a connector describes. */
export const fieldsOf = (name: string): AuthField[] => authType(name)?.fields ?? [];

/** The form as it opens for a new credential. */
export function emptyForm(name = "bearer", service = "http"): CredentialForm {
  return {
    name: "",
    service,
    authType: name,
    scope: "workspace",
    values: initialValues(name),
    headers: [{ name: "", value: "" }],
    hosts: [],
    notes: "",
    expiresAt: "",
    rotateEveryDays: "",
    testUrl: "",
  };
}

/** What the fields of a type hold before anything is typed. */
export function initialValues(name: string): Record<string, string> {
  const filled = fieldsOf(name).filter((field) => field.initial !== undefined);
  return Object.fromEntries(filled.map((field) => [field.name, field.initial ?? ""]));
}

/** The form for a stored credential: its secrets are empty. */
export function formOf(credential: Credential): CredentialForm {
  const parameters = credential.parameters as Record<string, unknown>;
  const text = (value: unknown) => (Array.isArray(value) ? value.join(" ") : String(value ?? ""));
  const known = fieldsOf(credential.authType).filter((field) => !field.secret && field.name in parameters);
  return {
    ...emptyForm(credential.authType, credential.service),
    name: credential.name,
    scope: credential.scope,
    values: Object.fromEntries(known.map((field) => [field.name, text(parameters[field.name])])),
    hosts: credential.allowedHosts,
    notes: credential.notes,
    expiresAt: credential.expiresAt?.slice(0, 10) ?? "",
    rotateEveryDays: credential.rotateEveryDays?.toString() ?? "",
    testUrl: text(parameters.testUrl),
  };
}

/** One parameter as the API wants it. */
function parameter(field: AuthField, text: string): unknown {
  if (field.kind === "words") return text.split(/\s+/).filter(Boolean);
  if (field.kind === "port") return Number(text);
  if (field.kind === "flag") return text === "true";
  return text;
}

/** The parameters. What stood in the stored credential and is no field of the form stays. */
export function parametersOf(
  form: CredentialForm,
  stored: Record<string, unknown> = {},
): Record<string, unknown> {
  const fields = fieldsOf(form.authType).filter((field) => !field.secret);
  const shown = new Set([...fields.map((field) => field.name), "testUrl"]);
  const kept = Object.entries(stored).filter(([name]) => !shown.has(name));
  const typed = fields
    .filter((field) => (form.values[field.name] ?? "") !== "")
    .map((field) => [field.name, parameter(field, form.values[field.name] ?? "")] as const);
  const test = form.testUrl.trim() ? [["testUrl", form.testUrl.trim()] as const] : [];
  return Object.fromEntries([...kept, ...typed, ...test]);
}

/** The secrets that were typed; empty ones are left out. */
export function dataOf(form: CredentialForm): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const field of fieldsOf(form.authType).filter((field) => field.secret)) {
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

/** What `POST /api/credentials` and the test of an unsaved credential take. */
export function newBody(form: CredentialForm): NewCredential {
  return {
    name: form.name.trim(),
    service: form.service,
    authType: form.authType,
    scope: form.scope,
    parameters: parametersOf(form) as NewCredential["parameters"],
    data: dataOf(form) as NewCredential["data"],
    allowedHosts: authType(form.authType)?.hosts === false ? [] : form.hosts,
    notes: form.notes,
    expiresAt: endOfDay(form.expiresAt),
    rotateEveryDays: form.rotateEveryDays ? Number(form.rotateEveryDays) : null,
  };
}

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

/** What `PATCH` takes: only what changed, so that it cannot undo another person's change. */
export function patchBody(form: CredentialForm, stored: Credential): CredentialPatch {
  const next = newBody(form);
  const parameters = parametersOf(form, stored.parameters as Record<string, unknown>);
  const data = dataOf(form);
  const patch: CredentialPatch = {};
  if (next.name !== stored.name) patch.name = next.name;
  if (form.notes !== stored.notes) patch.notes = form.notes;
  if (!same(parameters, stored.parameters)) patch.parameters = parameters as CredentialPatch["parameters"];
  if (!same([...form.hosts].sort(), [...stored.allowedHosts].sort())) patch.allowedHosts = form.hosts;
  if (Object.keys(data).length > 0) patch.data = data as CredentialPatch["data"];
  if (form.expiresAt !== (stored.expiresAt?.slice(0, 10) ?? "")) patch.expiresAt = endOfDay(form.expiresAt);
  if (form.rotateEveryDays !== (stored.rotateEveryDays?.toString() ?? "")) {
    patch.rotateEveryDays = form.rotateEveryDays ? Number(form.rotateEveryDays) : null;
  }
  return patch;
}

/** Whether the change says anew where the secret goes or how, so that every secret has to be typed again. */
export function needsSecretsAgain(form: CredentialForm, stored: Credential): boolean {
  const patch = patchBody(form, stored);
  const widened = patch.allowedHosts?.some((host) => !stored.allowedHosts.includes(host)) ?? false;
  return widened || patch.parameters !== undefined;
}

/** What is missing before the form can be sent: pointer to sentence. */
export function missing(form: CredentialForm, stored?: Credential): Record<string, string> {
  const found: Record<string, string> = {};
  if (!form.name.trim()) found["/name"] = "Give it a name that your team will recognize.";
  const again = stored === undefined || needsSecretsAgain(form, stored);
  const data = dataOf(form);
  for (const field of fieldsOf(form.authType)) {
    if (field.optional) continue;
    if (!field.secret && (form.values[field.name] ?? "") === "")
      found[`/parameters/${field.name}`] = "This is needed.";
    if (field.secret && again && !(field.name in data)) {
      found[`/data/${field.name}`] = stored
        ? "Where the secret goes has changed: type it again."
        : "This is needed.";
    }
  }
  if (authType(form.authType)?.hosts !== false && form.hosts.length === 0) {
    found["/allowedHosts"] = "Name at least one host. The secret is never sent anywhere else.";
  }
  return found;
}
