/** The state of the vault, and what its records say of the last search for leaks. */
import { queryOptions } from "@tanstack/react-query";
import type { components } from "#api";
import { api, value } from "../api/client.ts";

export type Vault = components["schemas"]["VaultBody"];
export type KeySlot = components["schemas"]["KeySlotBody"];
export type ScopeKey = components["schemas"]["ScopeKeyBody"];

export const vaultQuery = queryOptions({
  queryKey: ["vault"],
  queryFn: ({ signal }) => value(api.GET("/api/vault", { signal })),
  // A rotation moves secrets while one looks.
  refetchInterval: 10_000,
});

/** The last search for leaks; nothing when there was none. */
export const lastScanQuery = queryOptions({
  queryKey: ["audit", "last-leak-scan"],
  queryFn: async ({ signal }) => {
    const query = { action: "vault.leak_scanned", limit: 1 };
    const page = await value(api.GET("/api/audit", { params: { query }, signal }));
    return page.items[0] ?? null;
  },
});
