/** Settings -> Credentials: the list with its filters, dialogs and drawers, and Flero's own API keys beside it. */
import { Alert, Button, Tabs } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { KeyRound, Plus, SearchX } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useCan } from "../auth/me.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { ListCount } from "../ui/ListCount.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { Page } from "../ui/Page.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { CredentialPills, type CredentialSearch, CredentialSearchBar } from "./CredentialFilters.tsx";
import { CredentialList } from "./CredentialList.tsx";
import classes from "./CredentialsPage.module.css";
import { type CredentialDialog, credentialQuery, credentialsQuery } from "./queries.ts";
import { useMayChange } from "./use-may-change.ts";

const Dialogs = lazy(() => import("./Dialogs.tsx"));
const ApiKeys = lazy(async () => ({ default: (await import("../api-keys/ApiKeys.tsx")).ApiKeys }));

const queryOf = ({ scope, type, q }: CredentialSearch) => credentialsQuery({ scope, group: type, q });
const isFiltered = ({ scope, type, q }: CredentialSearch) => Boolean(scope || type || q);

function List({
  search,
  change,
  open,
}: {
  search: CredentialSearch;
  change: (change: Partial<CredentialSearch>) => void;
  open: (dialog: CredentialDialog) => void;
}) {
  const query = useInfiniteQuery(queryOf(search));
  const { data, fetchNextPage, isFetchingNextPage } = query;
  const mayChange = useMayChange();
  const canAdd = useCan("credentials.createPersonal");
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);

  if (!data) {
    return (
      <>
        <CredentialPills search={search} onChange={change} />
        <NotYet query={query} failed="The credentials could not be listed" />
      </>
    );
  }
  const credentials = data.pages.flatMap((page) => page.items);
  const total = data.pages[0]?.total ?? 0;
  if (total === 0 && !isFiltered(search)) {
    return (
      <EmptyState
        icon={<KeyRound size={20} aria-hidden />}
        title="Connect your first service"
        text="A credential is saved once, encrypted, and used in any number of workflows. Nobody can read it back, and it is only ever sent to the hosts that you name."
        action={
          canAdd && (
            <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => open({ kind: "add" })}>
              Add credential
            </Button>
          )
        }
      />
    );
  }
  return (
    <>
      <CredentialPills search={search} onChange={change} />
      {total === 0 ? (
        <EmptyState
          icon={<SearchX size={20} aria-hidden />}
          title="Nothing matches"
          text="No credential fits these filters."
          action={
            <Button
              variant="default"
              onClick={() => change({ scope: undefined, type: undefined, q: undefined })}
            >
              Clear the filters
            </Button>
          }
        />
      ) : (
        <CredentialList
          credentials={credentials}
          total={total}
          view={search.view ?? "list"}
          mayChange={mayChange}
          onOpen={open}
          onMore={more}
        />
      )}
      <ListCount total={total} one="credential" />
    </>
  );
}

/** The form that `?add=` opens: that of a service, or the choice of one. Among the API keys it means a new key. */
function addDialog({ tab, add }: CredentialSearch): CredentialDialog | undefined {
  if (tab === "keys" || add === undefined) return undefined;
  return { kind: "add", ...(add ? { service: add } : {}) };
}

/** `?credential=cred_…` opens that credential: links from the palette, the audit log and messages lead there. */
function useNamedCredential(search: CredentialSearch, open: (dialog: CredentialDialog) => void) {
  const mayChange = useMayChange();
  const { credential: id, show } = search;
  const { data, error } = useQuery({ ...credentialQuery(id ?? ""), enabled: id !== undefined });
  const isFound = data !== undefined && data.id === id;
  useEffect(() => {
    if (!isFound) return;
    const isEditable = mayChange(data) && data.status !== "revoked";
    open({ kind: show ?? (isEditable ? "edit" : "usage"), credential: data });
  }, [isFound, data, show, mayChange, open]);
  return id === undefined ? null : error;
}

export default function CredentialsPage() {
  const search = useSearch({ from: "/inside/settings/credentials" });
  const navigate = useNavigate({ from: "/settings/credentials" });
  const [opened, setDialog] = useState<CredentialDialog>();
  const tab = search.tab ?? "credentials";
  const dialog = opened ?? addDialog(search);
  const named = useNamedCredential(search, setDialog);
  const close = () => {
    setDialog(undefined);
    if (search.add !== undefined || search.credential !== undefined) {
      change({ add: undefined, credential: undefined, show: undefined });
    }
  };
  const canAdd = useCan("credentials.createPersonal");
  const { data: listed } = useInfiniteQuery({ ...queryOf(search), enabled: tab === "credentials" });
  // An empty list has the button in its middle.
  const isEmpty = listed?.pages[0]?.total === 0 && !isFiltered(search);
  const change = useCallback(
    (next: Partial<CredentialSearch>) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace: true }),
    [navigate],
  );
  return (
    <Page
      title="Credentials"
      lead="What workflows need to talk to services. Secrets live in the vault and nowhere else."
      actions={
        tab === "credentials" &&
        canAdd &&
        !isEmpty && (
          <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setDialog({ kind: "add" })}>
            Add credential
          </Button>
        )
      }
    >
      {named && (
        <Alert color="yellow" role="alert" mb="md" withCloseButton closeButtonLabel="Close" onClose={close}>
          That credential does not exist, or you have no access to it in this workspace.
        </Alert>
      )}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) => void navigate({ search: next === "keys" ? { tab: "keys" } : {} })}
      >
        <div className={classes.head}>
          <Tabs.List className={classes.tabs}>
            <Tabs.Tab value="credentials">Credentials</Tabs.Tab>
            <Tabs.Tab value="keys">API keys</Tabs.Tab>
          </Tabs.List>
          {tab === "credentials" && !isEmpty && <CredentialSearchBar search={search} onChange={change} />}
        </div>
        <Tabs.Panel value="credentials">
          <List search={search} change={change} open={setDialog} />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <Suspense fallback={<ScreenLoader />}>
            <ApiKeys
              isNew={search.add === "key"}
              onNew={(isNew) => change({ add: isNew ? "key" : undefined })}
            />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
      {dialog && (
        <Suspense>
          <Dialogs key={dialog.kind} dialog={dialog} onClose={close} onOpen={setDialog} />
        </Suspense>
      )}
    </Page>
  );
}
