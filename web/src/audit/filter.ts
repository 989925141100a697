/** What the audit log is narrowed to: as it stands in the address, and as the API takes it. */
import { type TimeSearch, timesOf } from "../lib/times.ts";
import type { AuditFilter } from "./queries.ts";

/** The address's part. */
export interface AuditSearch extends TimeSearch {
  action?: string | undefined;
  actor?: string | undefined;
  object?: string | undefined;
}

/** The API's part. */
export function filterOf(search: AuditSearch, now: number = Date.now()): AuditFilter {
  const object = search.object?.trim();
  return {
    ...(search.action ? { action: search.action } : {}),
    ...(search.actor ? { actor: search.actor } : {}),
    // A credential stands in the details of many records that were done to something else.
    ...(object?.startsWith("cred_") ? { credentialId: object } : object ? { target: object } : {}),
    ...timesOf(search, now),
  };
}

/** The address's part out of any query. */
export function searchOf(query: Record<string, unknown>): AuditSearch {
  const names = ["action", "actor", "object", "within", "from", "to"] as const;
  const given = names.filter((name) => typeof query[name] === "string" && query[name] !== "");
  return Object.fromEntries(given.map((name) => [name, query[name]]));
}
