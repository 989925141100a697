/** What an OAuth app asks for, by the description of its service. */
import type { Connector } from "../catalog/types.ts";
import { type AuthField, CLIENT_FIELDS, waysOf } from "../credentials/ways.ts";

const field = (name: string, label: string, secret: boolean): AuthField => ({
  name,
  label,
  help: "",
  secret,
  optional: false,
  placeholder: "",
  choices: [],
  initial: "",
  kind: "line",
  isShown: () => true,
  isNeeded: () => false,
  isMore: false,
});

/** The fields of every service whose description names none of its own. */
const USUAL: readonly AuthField[] = [
  field("clientId", "Client ID", false),
  field("clientSecret", "Client secret", true),
];

/** The fields of the client, in the words of the service; each once, though several ways may ask for it. */
export function clientFields(connector: Connector): readonly AuthField[] {
  const found = new Map<string, AuthField>();
  for (const way of waysOf(connector).filter(({ takesApp }) => takesApp)) {
    for (const each of way.fields) {
      if (CLIENT_FIELDS.includes(each.name) && !found.has(each.name)) found.set(each.name, each);
    }
  }
  return found.has("clientId") ? [...found.values()] : USUAL;
}

/** Whether an endpoint of the service differs from account to account, so that the hosts have to be named. */
export function needsHosts(connector: Connector): boolean {
  const endpoints = connector.auth.flatMap(({ oauth }) => Object.entries(oauth ?? {}));
  return endpoints.some(
    ([name, address]) => /(Url|issuer)$/.test(name) && typeof address === "string" && address.includes("{"),
  );
}

/** What was typed, apart as the API wants it. */
export function clientOf(fields: readonly AuthField[], values: Readonly<Record<string, string>>) {
  const typed = (secret: boolean) =>
    Object.fromEntries(
      fields
        .filter((each) => each.secret === secret && (values[each.name] ?? "").trim() !== "")
        .map((each) => [each.name, values[each.name] ?? ""]),
    );
  return { parameters: typed(false), data: typed(true) };
}
