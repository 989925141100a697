/** What the list of workflows is narrowed to, as it stands in the address and as the API takes it. */
import type { WorkflowStatus } from "../api/types.ts";

export const STATUSES: { value: WorkflowStatus; label: string }[] = [
  { value: "draft", label: "Draft" },
  { value: "active", label: "Active" },
  { value: "inactive", label: "Inactive" },
  { value: "archived", label: "Archived" },
];

export interface WorkflowSearch {
  q?: string | undefined;
  status?: WorkflowStatus | undefined;
}

/** The address's part out of any query; anything else in it is passed over. */
export function searchOf(query: Record<string, unknown>): WorkflowSearch {
  const q = typeof query.q === "string" && query.q !== "" ? query.q : undefined;
  const status = STATUSES.find(({ value }) => value === query.status)?.value;
  return { ...(q ? { q } : {}), ...(status ? { status } : {}) };
}
