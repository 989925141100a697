/**
 * Secrets that were pasted into a field: which texts look like one, and which credential takes their place. Pure.
 * The server knows more forms and judges every document; what stands here is known before it has answered.
 */

import type { Beginning } from "../../credentials/form-state.ts";
import { isObject, type Json, type WorkflowNode } from "./document.ts";
import { valueAt } from "./fields.ts";

/** A place below a node. */
type Path = readonly (string | number)[];

/** Beginnings of well-known tokens, and names that say that a value is a secret. */
const TOKEN =
  /(?<![\w-])(?:(?:gh[pousr]_|github_pat_|xox[abprs]-|sk-|sk_live_|rk_live_|AKIA|ASIA|AIza|ya29\.|glpat-|flero_)[\w-]{8,}|eyJ[\w-]{10,}\.[\w.-]{10,})|-----BEGIN [A-Z ]*PRIVATE KEY/;
const SECRET_NAME = /authorization|token|secret|password|passwd|api[-_]?key|cookie|credential$/i;
const LONG = /[A-Za-z0-9+/_=-]{20,}/;
const IN_URL = /\/\/[^/\s]*:[^/\s]*@/;

/** Whether a text of this name looks like a secret. */
export function looksSecret(value: string, name: string): boolean {
  return (
    TOKEN.test(value) ||
    IN_URL.test(value) ||
    (SECRET_NAME.test(name) && LONG.test(value) && !value.includes("{{"))
  );
}

/** Every text below a node's parameters that looks like a secret, with its place below the node. */
export function secretsOf(node: WorkflowNode): readonly { readonly path: Path; readonly value: string }[] {
  const found: { path: Path; value: string }[] = [];
  const walk = (value: Json, path: Path, name: string) => {
    if (typeof value === "string") {
      if (looksSecret(value, name)) found.push({ path, value });
    } else if (Array.isArray(value)) {
      for (const [place, item] of (value as readonly Json[]).entries()) walk(item, [...path, place], name);
    } else if (isObject(value)) {
      for (const [member, item] of Object.entries(value)) walk(item, [...path, member], member);
    }
  };
  walk(node.parameters as Json, ["parameters"], "");
  return found;
}

/** The text at a place below a node. */
export function textAt(node: WorkflowNode, path: Path): string | undefined {
  const value = valueAt(node as unknown as Json, path);
  return typeof value === "string" ? value : undefined;
}

/** What becomes of a field whose secret is taken out, and what the form for its credential begins with. */
export interface TakenOut {
  /** What stays in the field; undefined empties it. */
  readonly left: string | undefined;
  readonly beginning: Beginning;
}

/** Takes the secret out of a field. */
export function takeOut(node: WorkflowNode, path: Path): TakenOut | undefined {
  const text = textAt(node, path);
  if (text === undefined) return undefined;
  const hosts = hostsOf(node.parameters.url);
  const url = path.at(-1) === "url" ? outOfUrl(text) : undefined;
  if (url) return { left: url.left, beginning: { ...url.beginning, hosts } };
  const name = nameOf(node, path);
  if (/authorization$/i.test(name))
    return { left: undefined, beginning: { ...ofAuthorization(text), hosts } };
  const isIn = path.includes("headers") ? "header" : path.includes("query") ? "query" : undefined;
  if (isIn) {
    const values = { in: isIn, name, key: text.trim() };
    return { left: undefined, beginning: { authType: "apiKey", values, hosts } };
  }
  const token = TOKEN.exec(text)?.[0];
  const isAlone = token === undefined || token === text.trim() || token.startsWith("-----");
  const values = { token: isAlone ? text.trim() : token };
  return {
    left: isAlone ? undefined : text.replaceAll(token, ""),
    beginning: { authType: "bearer", values, hosts },
  };
}

/** What a value is called: its member, or the name beside it in a list of pairs. */
function nameOf(node: WorkflowNode, path: Path): string {
  const last = path.at(-1);
  const beside = last === "value" ? textAt(node, [...path.slice(0, -1), "name"]) : undefined;
  return beside ?? String(path.findLast((part) => typeof part === "string") ?? "");
}

/** The host of a URL, as an entry of allowed hosts; nothing while it is made by an expression. */
function hostsOf(url: unknown): readonly string[] {
  const found = typeof url === "string" ? /^(https?):\/\/(?:[^/?#@]*@)?([^/?#{}@]+)/i.exec(url) : null;
  if (!found?.[2]) return [];
  const host = found[2].toLowerCase();
  return [found[1]?.toLowerCase() === "http" ? `http://${host}` : host];
}

/** A user name and password, or a parameter that is named like a secret, out of a URL. */
function outOfUrl(text: string): TakenOut | undefined {
  const user = /^(https?:\/\/)([^/?#:@]*):([^/?#@]*)@/i.exec(text);
  if (user) {
    const values = { username: decoded(user[2] ?? ""), password: decoded(user[3] ?? "") };
    const left = (user[1] ?? "") + text.slice(user[0].length);
    return { left, beginning: { authType: "basic", values, hosts: [] } };
  }
  const pairs = text.matchAll(/[?&]([^=&#]+)=([^&#]+)/g);
  for (const [pair, name = "", value = ""] of pairs) {
    if (!looksSecret(decoded(value), decoded(name))) continue;
    const left = text
      .replace(pair, pair.startsWith("?") ? "?" : "")
      .replace(/\?&|[?&]$/, (end) => (end[1] ? "?" : ""));
    const values = { in: "query", name: decoded(name), key: decoded(value) };
    return { left, beginning: { authType: "apiKey", values, hosts: [] } };
  }
  return undefined;
}

/** The credential of an `Authorization` header. */
function ofAuthorization(text: string): Omit<Beginning, "hosts"> {
  const [, scheme = "", rest = ""] = /^\s*(\w+)\s+(\S+)\s*$/.exec(text) ?? [];
  if (/^bearer$/i.test(scheme)) return { authType: "bearer", values: { token: rest } };
  if (/^basic$/i.test(scheme)) {
    try {
      const [username = "", ...password] = atob(rest).split(":");
      return { authType: "basic", values: { username, password: password.join(":") } };
    } catch {
      // It is no base64: it goes along as it stands.
    }
  }
  const prefix = scheme && rest ? { prefix: scheme, key: rest } : { prefix: "", key: text.trim() };
  return { authType: "apiKey", values: { in: "header", name: "Authorization", ...prefix } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
