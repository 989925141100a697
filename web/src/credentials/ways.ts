/**
 * The ways to authenticate at a service, as the form shows them. For the generic service they come from the API's list
 * of auth types, for every other one from its connector's description.
 */
import type { AuthFieldShape, AuthTypeShape, Credential } from "../api/types.ts";
import { isHttp } from "../catalog/request.ts";
import type { AuthKind, Connector, ConnectorField, Permission } from "../catalog/types.ts";
import {
  authTypeHint,
  authTypeLabel,
  DEVICE_GRANT,
  type FieldWords,
  fieldWords,
  labelOf,
  typeWords,
} from "./words.ts";

export type Values = Record<string, string>;

/** One field of the form. `secret` ones go to `data` and never come back. */
export interface AuthField {
  name: string;
  label: string;
  help: string;
  secret: boolean;
  optional: boolean;
  placeholder: string;
  choices: { value: string; label: string }[];
  initial: string;
  kind: "line" | "lines" | "words" | "headers" | "flag" | "port" | "url";
  isShown: (values: Values) => boolean;
  isNeeded: (values: Values) => boolean;
  isMore: boolean;
}

/** One way to authenticate. */
export interface Way {
  /** Unique within its service. */
  key: string;
  authType: string;
  label: string;
  hint: string;
  fields: AuthField[];
  /** Who says where the secret may go: the person, the description, or the fields themselves. */
  hosts: "named" | "described" | "none";
  /** Whether an address to test with can be given. */
  takesTestUrl: boolean;
  /** What is asked for; empty where the service's scopes are a field. */
  permissions: Permission[];
  /** What the description calls it; the API takes it to tell two ways of one auth type apart. */
  kind?: string;
  /** The grant of a described OAuth service. */
  grantType?: string;
  /** Whether an OAuth app can stand in for its client. */
  takesApp?: boolean;
  /** Parameters that nobody is asked for. */
  fixed?: Readonly<Record<string, unknown>>;
}

/** The fields that an OAuth app stands in for. */
export const CLIENT_FIELDS: readonly string[] = ["clientId", "clientSecret", "privateKey", "keyId"];

/** The way without the fields that the chosen app fills in. */
export const withApp = (way: Way, app: string): Way =>
  app === "" ? way : { ...way, fields: way.fields.filter(({ name }) => !CLIENT_FIELDS.includes(name)) };

const FORMS: Record<string, AuthField["kind"]> = {
  url: "url",
  words: "words",
  pem: "lines",
  lines: "lines",
  keyFile: "lines",
  headers: "headers",
  flag: "flag",
  port: "port",
};

/** The values of a choice with the words for them. */
const choicesOf = (values: readonly string[], { choices = [] }: FieldWords): AuthField["choices"] =>
  values.map((value) => choices.find((choice) => choice.value === value) ?? { value, label: value });

function genericField(authType: string, shape: AuthFieldShape): AuthField {
  const words = fieldWords(authType, shape.name);
  const listed = choicesOf(shape.choices, words);
  return {
    name: shape.name,
    label: words.label ?? labelOf(shape.name),
    help: words.help ?? shape.help,
    secret: shape.secret,
    optional: shape.optional,
    placeholder: words.placeholder ?? "",
    choices: listed.length > 0 ? listed : (words.choices ?? []),
    initial: words.initial ?? "",
    kind: FORMS[shape.form] ?? "line",
    isShown: words.isShown ?? (() => true),
    isNeeded: words.isNeeded ?? (() => false),
    isMore: words.isMore ?? false,
  };
}

/** The way of an auth type at the generic service. */
export function genericWay(shape: AuthTypeShape): Way {
  return {
    key: shape.authType,
    authType: shape.authType,
    label: authTypeLabel(shape.authType),
    hint: authTypeHint(shape.authType),
    fields: shape.fields.map((field) => genericField(shape.authType, field)),
    hosts: shape.isHttp ? "named" : "none",
    takesTestUrl: shape.isHttp,
    permissions: [],
  };
}

function describedField(field: ConnectorField, authType: string): AuthField {
  const words = typeWords(authType, field.name);
  const choices = choicesOf(field.choices ?? [], words);
  const isChoice = choices.length > 0;
  return {
    name: field.name,
    label: field.label,
    // Help about a choice names its values, which are shown with words of their own.
    help: (isChoice ? words.help : undefined) ?? field.help ?? "",
    secret: field.secret,
    // What has a default can be left out: the server fills it in.
    optional: field.optional || field.default !== undefined,
    placeholder: field.default ?? words.placeholder ?? (field.format === "host" ? "crm.example.com" : ""),
    choices,
    initial: isChoice ? (field.default ?? words.initial ?? "") : "",
    kind: field.format === "multiline" ? "lines" : field.format === "url" ? "url" : "line",
    isShown: () => true,
    isNeeded: () => false,
    isMore: words.isMore ?? false,
  };
}

const SCOPES_FIELD: AuthField = {
  ...describedField(
    { name: "scopes", label: "Scopes", secret: false, optional: true, format: "text" },
    "oauth2",
  ),
  help: "What the access is for, in the service's own words, with spaces between them.",
  placeholder: "",
  kind: "words",
};

const hintOf = (kind: AuthKind): string => {
  if (!kind.oauth) return authTypeHint(kind.authType);
  return needsPersonFor(kind.oauth.grantType)
    ? "You allow the access at the service; no key is copied"
    : "The app acts for itself, not for a person";
};

/** A way that a connector describes. */
function describedWay(kind: AuthKind): Way {
  const permissions = kind.oauth?.permissions ?? [];
  const fields = kind.fields.map((field) => describedField(field, kind.authType));
  if (kind.oauth && permissions.length === 0) fields.push(SCOPES_FIELD);
  return {
    key: kind.id,
    authType: kind.authType,
    label: kind.name,
    hint: hintOf(kind),
    fields,
    hosts: "described",
    takesTestUrl: isHttp(kind.authType) && (kind.test ?? []).length === 0,
    permissions,
    // Databases and mail servers have the same parameters everywhere: a description only says of which kind its own is.
    ...(isHttp(kind.authType) ? { kind: kind.id } : { fixed: kind.parameters }),
    ...(kind.oauth ? { grantType: kind.oauth.grantType, takesApp: true } : {}),
  };
}

/** The ways of a connector, in its own order. */
export const waysOf = (connector: Connector): Way[] => connector.auth.map(describedWay);

/** The way by which a stored credential was made; without fields where its description is gone. */
export function wayOf(stored: Credential, ways: readonly Way[]): Way {
  const kind = (stored.parameters as Record<string, unknown>).authKind;
  const fitting = ways.filter((way) => way.authType === stored.authType);
  return (
    fitting.find((way) => way.key === kind) ??
    fitting[0] ?? {
      key: stored.authType,
      authType: stored.authType,
      label: authTypeLabel(stored.authType),
      hint: "",
      fields: [],
      hosts: "described",
      takesTestUrl: false,
      permissions: [],
    }
  );
}

const needsPersonFor = (grant: string): boolean => ["", "authorization_code", DEVICE_GRANT].includes(grant);

/** Whether a person has to allow the access at the service. */
export const needsPerson = (way: Way, values: Values): boolean =>
  way.authType === "oauth2" && needsPersonFor(way.grantType ?? values.grantType ?? "");

/** Whether a stored credential is connected by a person, so that it can be reconnected. */
export function isConnectedByPerson(credential: Pick<Credential, "authType" | "parameters">): boolean {
  const parameters = credential.parameters as Record<string, unknown>;
  const described = parameters.oauth as { grantType?: string } | undefined;
  const grant = described?.grantType ?? parameters.grantType ?? "";
  return credential.authType === "oauth2" && needsPersonFor(String(grant));
}

/** The fields that belong to what was chosen so far. */
export const shownFields = (way: Way, values: Values): AuthField[] =>
  way.fields.filter((field) => field.isShown(values));

/** What the fields hold before anything is typed. */
export const initialValues = (way: Way): Values =>
  Object.fromEntries(
    way.fields.filter((field) => field.initial !== "").map((field) => [field.name, field.initial]),
  );
