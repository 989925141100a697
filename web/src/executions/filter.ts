/** What the list of executions is narrowed to: as it stands in the address, and as the API takes it. */
import type { ExecutionStatus } from "../api/types.ts";
import { type TimeSearch, timesOf } from "../lib/times.ts";
import type { ExecutionFilter } from "./queries.ts";
import { TRIGGERS } from "./words.ts";

export const STATES: { value: ExecutionStatus; label: string }[] = [
  { value: "running", label: "Running" },
  { value: "waitingForInput", label: "Waiting" },
  { value: "pending", label: "Pending" },
  { value: "success", label: "Success" },
  { value: "failed", label: "Failed" },
  { value: "timeout", label: "Timed out" },
  { value: "cancelled", label: "Cancelled" },
];

/** The address's part. */
export interface ExecutionSearch extends TimeSearch {
  status?: ExecutionStatus | undefined;
  workflowId?: string | undefined;
  trigger?: string | undefined;
}

/** The address's part out of any query; anything else in it is passed over. */
export function searchOf(query: Record<string, unknown>): ExecutionSearch {
  const text = (name: string) => {
    const given = query[name];
    return typeof given === "string" && given !== "" ? given : undefined;
  };
  const status = STATES.find(({ value }) => value === query.status)?.value;
  const trigger = text("trigger");
  const found = {
    status,
    workflowId: text("workflowId"),
    trigger: trigger !== undefined && trigger in TRIGGERS ? trigger : undefined,
    within: text("within"),
    from: text("from"),
    to: text("to"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The API's part. */
export function filterOf(search: ExecutionSearch, now?: number): ExecutionFilter {
  const { status, workflowId, trigger } = search;
  return {
    ...(status ? { status } : {}),
    ...(workflowId ? { workflowId } : {}),
    ...(trigger ? { trigger } : {}),
    ...timesOf(search, now),
  };
}

/** The identifier of a run in what somebody typed or pasted: alone, or in the address of its page. */
export const runIdIn = (text: string): string | undefined => /\bexec_[0-9a-z]{20,40}\b/.exec(text)?.[0];
