/**
 * The choices of an input that the service itself lists: channels, boards, repositories. They are asked for through
 * the authenticated proxy, so that the secret stays where it is; the page only gets the answer.
 */

import { getPath } from "../../../api/client.ts";
import type { Connector, DynamicOptions, OperationSummary } from "../../../catalog/types.ts";
import type { JsonObject } from "../../model/document.ts";
import { hasExpression } from "../../model/fields.ts";

/** One choice. */
export interface Option {
  readonly value: string;
  readonly label: string;
}

/** What a JSON pointer (RFC 6901) leads to. */
export function pointed(value: unknown, pointer: string): unknown {
  let found = value;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** The choices in an answer; entries without a value are left out. */
export function optionsIn(answer: unknown, options: DynamicOptions): readonly Option[] | undefined {
  const items = pointed(answer, options.items);
  if (!Array.isArray(items)) return undefined;
  const seen = new Set<string>();
  const found: Option[] = [];
  for (const item of items) {
    const value = pointed(item, options.value);
    if ((typeof value !== "string" && typeof value !== "number") || seen.has(String(value))) continue;
    seen.add(String(value));
    const label = pointed(item, options.label);
    found.push({
      value: String(value),
      label: typeof label === "string" && label !== "" ? label : String(value),
    });
  }
  return found;
}

interface Asked {
  readonly connector: Pick<Connector, "baseUrl">;
  readonly lister: Pick<OperationSummary, "path">;
  readonly options: DynamicOptions;
  /** What stands in the form: inputs of the listing may be taken from there. */
  readonly parameters: JsonObject;
  /** The parameters of the credential: a base address may name some. */
  readonly connection: Readonly<Record<string, unknown>>;
}

/** Where the choices are asked for, or the input that has to be filled in before. */
export function listingOf(asked: Asked): { readonly url: URL } | { readonly missing: string } {
  const inputs = new Map<string, string>();
  for (const [name, given] of Object.entries(asked.options.inputs ?? {})) {
    const from = typeof given === "string" ? /^\{\{\s*([\w.-]+)\s*\}\}$/.exec(given)?.[1] : undefined;
    const value = from === undefined ? given : asked.parameters[from];
    if (from !== undefined && (value === undefined || value === "" || hasExpression(value)))
      return { missing: from };
    inputs.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  const base = asked.connector.baseUrl.replace(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(String(asked.connection[name] ?? "")),
  );
  const path = asked.lister.path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = inputs.get(name) ?? "";
    inputs.delete(name);
    return encodeURIComponent(value);
  });
  const url = new URL(base.replace(/\/$/, "") + path);
  for (const [name, value] of inputs) url.searchParams.set(name, value);
  return { url };
}

/** Asks for the choices with a credential. */
export async function loadOptions(
  credentialId: string,
  url: URL,
  options: DynamicOptions,
  signal: AbortSignal,
): Promise<readonly Option[]> {
  const answer = await getPath(`/api/proxy/${credentialId}/${url.host}${url.pathname}${url.search}`, signal);
  const found = optionsIn(answer, options);
  if (!found)
    throw new Error(
      "The service did not give a list. Look whether the credential has the permission for it.",
    );
  return found;
}
