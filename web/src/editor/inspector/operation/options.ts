/**
 * The choices of an input that the service itself lists: channels, boards, repositories. The server asks for them, so
 * that the secret stays where it is; the page only gets the choices.
 */

import type { components } from "#api";
import { api, value } from "../../../api/client.ts";
import type { DynamicOptions } from "../../../catalog/types.ts";
import type { Json, JsonObject } from "../../model/document.ts";
import { hasExpression } from "../../model/fields.ts";

type Choices = components["schemas"]["Choices"];

/** One choice: what the input becomes, as text, and what people read. */
export interface Option {
  readonly value: string;
  readonly label: string;
}

/** The choices, and whether the service has more of them than are listed. */
export interface Options {
  readonly items: readonly Option[];
  readonly truncated: boolean;
}

/** The answer of the server as a list of choices; what is listed twice stands there once. */
export function optionsOf({ items, truncated }: Choices): Options {
  const found = new Map<string, string>();
  for (const { value, label } of items) {
    const text = value === undefined || value === null ? "" : String(value);
    if (text !== "" && !found.has(text)) found.set(text, label || text);
  }
  return { items: [...found].map(([value, label]) => ({ value, label })), truncated };
}

/**
 * The inputs that the listing takes from the form, or the one that has to be filled in before. Only these are sent, so
 * that typing in any other field asks for nothing anew.
 */
export function inputsFor(
  options: DynamicOptions,
  parameters: JsonObject,
): { readonly inputs: JsonObject } | { readonly missing: string } {
  const inputs: Record<string, Json> = {};
  for (const [, from = ""] of JSON.stringify(options.inputs ?? {}).matchAll(/\{\{\s*([^{}]+?)\s*\}\}/g)) {
    const found = parameters[from];
    if (found === undefined || found === "" || hasExpression(found)) return { missing: from };
    inputs[from] = found;
  }
  return { inputs };
}

/** Whose input it is: an operation's or an event's. */
export type Owner =
  | { readonly connector: string; readonly operation: string }
  | { readonly connector: string; readonly event: string };

interface Asked {
  readonly owner: Owner;
  readonly input: string;
  /** None where the service needs none. */
  readonly credentialId: string | undefined;
  readonly inputs: JsonObject;
}

/** Asks for the choices, with the credential of the node. */
export async function loadOptions(asked: Asked, signal: AbortSignal): Promise<Options> {
  const { owner, input, credentialId, inputs } = asked;
  const rest = { body: { ...(credentialId ? { credentialId } : {}), inputs: inputs as never }, signal };
  const choices =
    "event" in owner
      ? api.POST("/api/connectors/{connector}/events/{event}/options/{input}", {
          params: { path: { ...owner, input } },
          ...rest,
        })
      : api.POST("/api/connectors/{connector}/operations/{operation}/options/{input}", {
          params: { path: { ...owner, input } },
          ...rest,
        });
  return optionsOf(await value(choices));
}
