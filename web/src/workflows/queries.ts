/** Workflows, as the API lists and gives them. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, value } from "../api/client.ts";
import type { WorkflowSearch } from "./filter.ts";

/** What a list shows of a workflow. The description of the API leaves the document open. */
export interface WorkflowSummary {
  id: string;
  ownerId: string;
  name: string;
  description?: string;
  status: string;
  tags?: string[];
  version: number;
  updatedAt?: string;
}

interface Listing {
  items: WorkflowSummary[];
  nextCursor?: string | null;
  total: number;
}

export const workflowsQuery = (filter: WorkflowSearch) =>
  infiniteQueryOptions({
    queryKey: ["workflows", "list", filter],
    queryFn: async ({ pageParam, signal }): Promise<Listing> => {
      const query = { ...filter, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) };
      return (await value(api.GET("/api/workflows", { params: { query }, signal }))) as unknown as Listing;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
