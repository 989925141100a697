/** The audit log. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";

export interface AuditFilter {
  action?: string;
  actor?: string;
  credentialId?: string;
  target?: string;
  since?: string;
  until?: string;
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) };
      return value(api.GET("/api/audit", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
