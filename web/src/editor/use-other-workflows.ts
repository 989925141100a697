/** The other workflows of the workspace, to choose one from. */
import { useQuery } from "@tanstack/react-query";
import { workflowNamesQuery } from "../workflows/queries.ts";
import { useSession } from "./session/session.tsx";

export function useOtherWorkflows(): { value: string; label: string }[] {
  const { id: own } = useSession();
  const { data: names } = useQuery(workflowNamesQuery);
  return [...(names ?? [])].filter(([id]) => id !== own).map(([value, label]) => ({ value, label }));
}
