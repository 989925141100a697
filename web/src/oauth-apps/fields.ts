/** What an OAuth app asks for, by the description of its service. */
import type { Connector } from "../catalog/types.ts";
import { type AuthField, CLIENT_FIELDS, type Values, waysOf } from "../credentials/ways.ts";
import { fieldWords, labelOf } from "../credentials/words.ts";

const field = (name: string, more: Partial<AuthField> = {}): AuthField => {
  const words = fieldWords("oauth2", name);
  return {
    name,
    label: words.label ?? labelOf(name),
    help: words.help ?? "",
    secret: false,
    optional: false,
    placeholder: "",
    choices: words.choices ?? [],
    initial: "",
    kind: "line",
    isShown: words.isShown ?? (() => true),
    isNeeded: words.isNeeded ?? (() => false),
    isMore: false,
    ...more,
  };
};

const proves =
  (...methods: string[]) =>
  ({ clientAuthMethod = "" }: Values): boolean =>
    methods.includes(clientAuthMethod);

/** The fields of every service whose description names none of its own. */
const USUAL: readonly AuthField[] = [field("clientId"), field("clientSecret", { secret: true })];

/** How the client proves itself, where that is not as the service's description says. A certificate is no app's. */
const PROOF: readonly AuthField[] = [
  field("clientAuthMethod", {
    help: "Left out, it is as the description of the service says.",
    choices: (fieldWords("oauth2", "clientAuthMethod").choices ?? []).filter(
      ({ value }) => value !== "tls_client_auth",
    ),
    optional: true,
    isMore: true,
  }),
  field("keyId", { help: "The key's name at the service (kid).", optional: true, isMore: true }),
  field("algorithm", {
    choices: ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"].map((value) => ({
      value,
      label: value,
    })),
    optional: true,
    isMore: true,
  }),
  field("privateKey", { secret: true, optional: true, kind: "lines", isMore: true }),
];

/** A secret is no proof where the client proves itself by a key, or not at all. */
const withoutProof = (each: AuthField): AuthField =>
  each.name === "clientSecret"
    ? { ...each, isShown: (values) => !proves("private_key_jwt", "none")(values) }
    : each;

/**
 * The fields of the client, in the words of the service; each once, though several ways may ask for it. A service that
 * is not here any more has the usual ones.
 */
export function clientFields(connector: Connector | undefined): readonly AuthField[] {
  const found = new Map<string, AuthField>();
  for (const way of connector ? waysOf(connector).filter(({ takesApp }) => takesApp) : []) {
    for (const each of way.fields) {
      if (CLIENT_FIELDS.includes(each.name) && !found.has(each.name)) found.set(each.name, each);
    }
  }
  const own = found.has("clientId") ? [...found.values()] : USUAL;
  const names = new Set(own.map(({ name }) => name));
  return [...own.map(withoutProof), ...PROOF.filter(({ name }) => !names.has(name))];
}

/** Whether an endpoint of the service differs from account to account, so that the hosts have to be named. */
export function needsHosts(connector: Connector): boolean {
  const endpoints = connector.auth.flatMap(({ oauth }) => Object.entries(oauth ?? {}));
  return endpoints.some(
    ([name, address]) => /(Url|issuer)$/.test(name) && typeof address === "string" && address.includes("{"),
  );
}

/** The fields that belong to what was chosen so far. */
export const shownOf = (fields: readonly AuthField[], values: Values): AuthField[] =>
  fields.filter(({ isShown }) => isShown(values));

/** Whether a field has to be filled in by what was chosen so far. */
export const isNeeded = (field: AuthField, values: Values): boolean =>
  !field.optional || field.isNeeded(values);

/** What was typed into the shown fields, apart as the API wants it. */
export function clientOf(fields: readonly AuthField[], values: Readonly<Values>) {
  const typed = (secret: boolean) =>
    Object.fromEntries(
      shownOf(fields, values)
        .filter((each) => each.secret === secret && (values[each.name] ?? "").trim() !== "")
        .map((each) => [each.name, values[each.name] ?? ""]),
    );
  return { parameters: typed(false), data: typed(true) };
}
