import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ListTree } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import type { AuditEntry } from "../api/types.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { ListCount } from "../ui/ListCount.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { Page } from "../ui/Page.tsx";
import { AuditFilters } from "./AuditFilters.tsx";
import { AuditTable } from "./AuditTable.tsx";
import { EntryDrawer } from "./EntryDrawer.tsx";
import { ExportMenu } from "./ExportMenu.tsx";
import { type AuditSearch, filterOf } from "./filter.ts";
import { useObjectNames } from "./names.ts";
import { auditQuery } from "./queries.ts";

export default function AuditPage() {
  const search = useSearch({ from: "/inside/settings/audit" });
  const navigate = useNavigate({ from: "/settings/audit" });
  const [opened, setOpened] = useState<AuditEntry>();
  const filter = useMemo(() => filterOf(search), [search]);
  const query = useInfiniteQuery(auditQuery(filter));
  const { data, fetchNextPage, isFetchingNextPage } = query;
  const { members, nameOf } = useObjectNames();
  const entries = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const total = data?.pages[0]?.total ?? 0;
  const change = (next: AuditSearch) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);
  return (
    <Page
      title="Audit log"
      lead="Who did what, when. “flero audit verify” checks that no record was changed or taken out."
      actions={<ExportMenu filter={filter} total={total} />}
    >
      <AuditFilters search={search} members={members} onChange={change} />
      <NotYet query={query} failed="The audit log could not be read" />
      {data && entries.length === 0 && (
        <EmptyState
          icon={<ListTree size={20} aria-hidden />}
          title="Nothing fits"
          text="No record fits these filters."
        />
      )}
      {entries.length > 0 && (
        <>
          <AuditTable entries={entries} total={total} nameOf={nameOf} onOpen={setOpened} onMore={more} />
          <ListCount total={total} one="record" />
        </>
      )}
      {opened && (
        <EntryDrawer
          entry={opened}
          nameOf={nameOf}
          onFilter={(next) => {
            setOpened(undefined);
            change(next);
          }}
          onClose={() => setOpened(undefined)}
        />
      )}
    </Page>
  );
}
