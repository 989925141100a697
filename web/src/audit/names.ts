/** The names of people and of what they work on, for records that hold identifiers alone. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, value } from "../api/client.ts";
import type { Member } from "../api/types.ts";
import { useCan, useMe } from "../auth/me.ts";
import { credentialChoicesQuery } from "../editor/inspector/credentials.ts";
import { workflowNamesQuery } from "../workflows/queries.ts";
import type { NameOf } from "./words.ts";

/** More people than that are shown by their identifiers. */
const MOST_PAGES = 10;

async function everyMember(signal: AbortSignal): Promise<Member[]> {
  const members: Member[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { limit: 200, ...(cursor ? { cursor } : {}) };
    const answer = await value(api.GET("/api/members", { params: { query }, signal }));
    members.push(...answer.items);
    cursor = answer.nextCursor;
    if (!cursor) break;
  }
  return members;
}

/** The members, and what names them. Whoever may not see the members sees their own name alone. */
export function useNames(): { members: Member[]; nameOf: NameOf } {
  const me = useMe();
  const mayRead = useCan("members.read");
  const { data } = useQuery({
    queryKey: ["members", "names"],
    queryFn: ({ signal }) => everyMember(signal),
    enabled: mayRead,
    staleTime: 60_000,
  });
  const members = data ?? [];
  const names = useMemo(() => new Map((data ?? []).map((member) => [member.userId, member.name])), [data]);
  const nameOf = useCallback<NameOf>(
    (user) => (user === me.userId ? "You" : (names.get(user) ?? user)),
    [me.userId, names],
  );
  return { members, nameOf };
}

/** What names people, workflows and credentials. One that is gone, or is not for the reader, keeps its identifier. */
export function useObjectNames(): { members: Member[]; nameOf: NameOf } {
  const { members, nameOf: person } = useNames();
  const { data: workflows } = useQuery(workflowNamesQuery);
  const { data: choices } = useQuery(credentialChoicesQuery);
  const credentials = useMemo(() => new Map((choices ?? []).map(({ id, name }) => [id, name])), [choices]);
  const nameOf = useCallback<NameOf>(
    (id) => workflows?.get(id) ?? credentials.get(id) ?? person(id),
    [workflows, credentials, person],
  );
  return { members, nameOf };
}
