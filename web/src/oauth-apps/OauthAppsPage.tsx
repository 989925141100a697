/** Settings -> OAuth apps: clients that are set up once, so that people connect accounts without a client secret. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { AppWindow, Plus } from "lucide-react";
import { useState } from "react";
import type { OauthApp } from "../api/types.ts";
import { useCan } from "../auth/me.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { ListCount } from "../ui/ListCount.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { Page } from "../ui/Page.tsx";
import { AddAppDialog } from "./AddAppDialog.tsx";
import { AppsTable } from "./AppsTable.tsx";
import { oauthAppsQuery } from "./queries.ts";
import { RemoveAppDialog } from "./RemoveAppDialog.tsx";
import { ReplaceAppDialog } from "./ReplaceAppDialog.tsx";

/** What `?add=` says: a service, or nothing yet. */
export interface OauthAppSearch {
  add?: string | undefined;
}

type Opened = { readonly kind: "replace" | "remove"; readonly app: OauthApp };

export default function OauthAppsPage() {
  const { add } = useSearch({ from: "/inside/settings/oauth-apps" });
  const navigate = useNavigate({ from: "/settings/oauth-apps" });
  const query = useQuery(oauthAppsQuery);
  const { data: apps } = query;
  const [opened, setOpened] = useState<Opened>();
  const canWorkspace = useCan("oauthApps.manageWorkspace");
  const canOrganization = useCan("oauthApps.manageOrganization");
  const canAdd = canWorkspace || canOrganization;
  const setAdd = (next: string | undefined) =>
    void navigate({ search: next === undefined ? {} : { add: next }, replace: true });
  const mayChange = ({ level }: OauthApp) =>
    (level === "workspace" && canWorkspace) || (level === "organization" && canOrganization);
  const close = () => setOpened(undefined);
  const button = canAdd && (
    <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setAdd("")}>
      Set up an app
    </Button>
  );
  return (
    <Page
      title="OAuth apps"
      lead="Register one app at a service and set it up here once. People then connect their accounts without knowing a client secret."
      actions={apps && apps.length > 0 && button}
    >
      <NotYet query={query} failed="The OAuth apps could not be listed" />
      {apps?.length === 0 && (
        <EmptyState
          icon={<AppWindow size={20} aria-hidden />}
          title="No OAuth app yet"
          text={
            canAdd
              ? "Without one, everybody who connects an account registers an app of their own and brings its client ID and secret. Set one up, and connecting takes two clicks."
              : "Everybody who connects an account brings the client ID and secret of an app of their own. An admin can set one up here for all."
          }
          action={button}
        />
      )}
      {apps && apps.length > 0 && (
        <>
          <AppsTable
            apps={apps}
            mayChange={mayChange}
            onReplace={(app) => setOpened({ kind: "replace", app })}
            onRemove={(app) => setOpened({ kind: "remove", app })}
          />
          <ListCount total={apps.length} one="OAuth app" />
        </>
      )}
      {add !== undefined && canAdd && (
        <AddAppDialog service={add || undefined} onChoose={setAdd} onClose={() => setAdd(undefined)} />
      )}
      {opened?.kind === "replace" && <ReplaceAppDialog app={opened.app} onClose={close} />}
      {opened?.kind === "remove" && <RemoveAppDialog app={opened.app} onClose={close} />}
    </Page>
  );
}
