/** Connectors: what the API lists and gives, importing a description, removing one. */
import { queryOptions } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import type { Connector, ConnectorSummary, ImportResult, Operation } from "./types.ts";

/** The catalog changes with a release or an import, so it is asked for again rarely. */
const FRESH_MS = 5 * 60_000;
const PAGE = 200;

/** Every connector: a few hundred short entries, so that search and filters answer without a round trip. */
export const catalogQuery = queryOptions({
  queryKey: ["connectors", "list"],
  staleTime: FRESH_MS,
  queryFn: async ({ signal }) => {
    const all: ConnectorSummary[] = [];
    let cursor: string | null = null;
    do {
      const query: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor ? { cursor } : {}) };
      const page = await value(api.GET("/api/connectors", { params: { query }, signal }));
      all.push(...page.items);
      cursor = page.nextCursor ?? null;
    } while (cursor);
    return all;
  },
});

/** What the server finds for a text: it forgives typing errors, which the search in the page does not. */
export const forgivingQuery = (q: string) =>
  queryOptions({
    queryKey: ["connectors", "find", q],
    staleTime: FRESH_MS,
    queryFn: async ({ signal }) => {
      const page = await value(api.GET("/api/connectors", { params: { query: { q, limit: 12 } }, signal }));
      return page.items;
    },
  });

export const connectorQuery = (id: string) =>
  queryOptions({
    queryKey: ["connectors", "one", id],
    staleTime: FRESH_MS,
    queryFn: async ({ signal }) =>
      (await value(
        api.GET("/api/connectors/{connector}", { params: { path: { connector: id } }, signal }),
      )) as Connector,
  });

export const operationQuery = (connector: string, operation: string) =>
  queryOptions({
    queryKey: ["connectors", "one", connector, operation],
    staleTime: FRESH_MS,
    queryFn: async ({ signal }) =>
      (await value(
        api.GET("/api/connectors/{connector}/operations/{operation}", {
          params: { path: { connector, operation } },
          signal,
        }),
      )) as Operation,
  });

/** A description to import: its text, or where it is. */
export type ImportSource = { text: string } | { url: string };

/** Imports a description. A text that is no JSON is sent as YAML. */
export async function importConnector(source: ImportSource): Promise<ImportResult> {
  const isJson = "url" in source || /^\s*[{[]/.test(source.text);
  return value(
    api.POST("/api/connectors/import", {
      body: source,
      bodySerializer: () => ("url" in source ? JSON.stringify({ url: source.url }) : source.text),
      headers: { "content-type": isJson ? "application/json" : "application/yaml" },
    }),
  );
}

export const removeConnector = (id: string) =>
  value(api.DELETE("/api/connectors/{connector}", { params: { path: { connector: id } } }));
