/** One service: what it does, how to get a credential, every operation and event, permissions and hosts. */
import { Button, Group, Tabs } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft, KeyRound, Trash2, Workflow } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useCan } from "../auth/me.ts";
import { RemovePackageDialog } from "../marketplace/RemovePackageDialog.tsx";
import { Monogram } from "../ui/Monogram.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { useTitle } from "../ui/use-title.ts";
import { Events } from "./Events.tsx";
import { Facts } from "./Facts.tsx";
import { Operations } from "./Operations.tsx";
import { Permissions } from "./Permissions.tsx";
import { connectorQuery } from "./queries.ts";
import { RemoveDialog } from "./RemoveDialog.tsx";
import classes from "./ServicePage.module.css";
import { categoryLabel, tierLabel } from "./search.ts";
import type { Connector } from "./types.ts";
import { useEventInWorkflow, useInWorkflow } from "./use-in-workflow.ts";

const AddCredential = lazy(() => import("../credentials/AddCredential.tsx"));
const GuideText = lazy(() => import("../ui/Markdown.tsx"));

/** The part that is shown; the guide unless told. */
export interface ServiceSearch {
  tab?: "operations" | "events" | "permissions";
  /** The operation that is open. */
  operation?: string;
}

/** The guide without its title, which stands above already. An import has none. */
const guideOf = ({ guide }: Connector): string => guide.replace(/^# .*\n+/, "").trim();

/** What a first workflow begins with: not the operation that only checks the connection. */
const usualOperation = ({ operations }: Connector) =>
  operations.find(({ group }) => group !== "Connection") ?? operations[0];

export default function ServicePage() {
  const { service: id } = useParams({ from: "/inside/catalog/$service" });
  const { tab, operation } = useSearch({ from: "/inside/catalog/$service" });
  const navigate = useNavigate({ from: "/catalog/$service" });
  const { data: connector } = useSuspenseQuery(connectorQuery(id));
  const [dialog, setDialog] = useState<"add" | "remove">();
  const canAdd = useCan("credentials.createPersonal");
  const canBuild = useCan("workflows.create");
  const canInstall = useCan("connectors.install");
  const isInstalled = connector.tier === "marketplace";
  const use = useInWorkflow(connector);
  const waitFor = useEventInWorkflow(connector);
  useTitle(connector.name);
  const guide = guideOf(connector);
  const permissions = Object.keys(connector.permissions).length;
  const tabs = [
    { value: "guide", label: "Guide", amount: guide ? undefined : 0 },
    { value: "operations", label: "Operations", amount: connector.operations.length },
    { value: "events", label: "Events", amount: connector.triggers.length },
    { value: "permissions", label: "Permissions", amount: permissions },
  ].filter(({ amount }) => amount !== 0);
  return (
    <div className={classes.page}>
      <Link to="/catalog" className={classes.back}>
        <ChevronLeft size={14} aria-hidden />
        Catalog
      </Link>
      <header className={classes.header}>
        <Monogram name={connector.name} size={48} />
        <div className={classes.words}>
          <h1>{connector.name}</h1>
          <p>
            {categoryLabel(connector.category)} · {tierLabel(connector.tier)}
          </p>
        </div>
        <Group gap="xs">
          {((connector.tier === "imported" && canBuild) || (isInstalled && canInstall)) && (
            <Button
              variant="subtle"
              color="red"
              leftSection={<Trash2 size={14} aria-hidden />}
              onClick={() => setDialog("remove")}
            >
              Remove
            </Button>
          )}
          {canBuild && (
            <Button
              variant="default"
              leftSection={<Workflow size={14} aria-hidden />}
              loading={use.isPending}
              onClick={() => use.mutate(usualOperation(connector))}
            >
              Use in workflow
            </Button>
          )}
          {canAdd && connector.auth.length > 0 && (
            <Button leftSection={<KeyRound size={14} aria-hidden />} onClick={() => setDialog("add")}>
              Add credential
            </Button>
          )}
        </Group>
      </header>
      <p className={classes.lead}>{connector.description}</p>
      <div className={classes.layout}>
        <Tabs
          value={tab ?? tabs[0]?.value ?? "guide"}
          keepMounted={false}
          onChange={(next) =>
            void navigate({
              search: next === tabs[0]?.value ? {} : ({ tab: next } as ServiceSearch),
              replace: true,
            })
          }
        >
          <Tabs.List className={classes.tabs}>
            {tabs.map(({ value, label, amount }) => (
              <Tabs.Tab key={value} value={value}>
                {label}
                {amount !== undefined && <span className={classes.amount}>{amount}</span>}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="guide">
            <Suspense fallback={<ScreenLoader />}>
              <GuideText text={guide} />
            </Suspense>
          </Tabs.Panel>
          <Tabs.Panel value="operations">
            <Operations
              connector={connector}
              onUse={canBuild ? use.mutate : undefined}
              opened={operation}
              onOpen={(id) =>
                void navigate({
                  search: { tab: "operations", ...(id ? { operation: id } : {}) },
                  replace: true,
                  resetScroll: false,
                })
              }
            />
          </Tabs.Panel>
          <Tabs.Panel value="events">
            <Events triggers={connector.triggers} onUse={canBuild ? waitFor.mutate : undefined} />
          </Tabs.Panel>
          <Tabs.Panel value="permissions">
            <Permissions connector={connector} />
          </Tabs.Panel>
        </Tabs>
        <Facts connector={connector} />
      </div>
      {dialog === "add" && (
        <Suspense>
          <AddCredential service={connector.id} onClose={() => setDialog(undefined)} />
        </Suspense>
      )}
      {dialog === "remove" && !isInstalled && (
        <RemoveDialog connector={connector} onClose={() => setDialog(undefined)} />
      )}
      {dialog === "remove" && isInstalled && (
        <RemovePackageDialog
          id={connector.id}
          name={connector.name}
          onClose={() => setDialog(undefined)}
          onRemoved={() => void navigate({ to: "/marketplace", search: {} })}
        />
      )}
    </div>
  );
}
