/** One package: what it is, what it may reach, its versions, and what can be done with it. */
import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft, Download, KeyRound, LayoutGrid } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { ApiError, reason } from "../api/problem.ts";
import { useCan } from "../auth/me.ts";
import classes from "../catalog/ServicePage.module.css";
import { categoryLabel } from "../catalog/search.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { LinkButton } from "../ui/links.tsx";
import { Monogram } from "../ui/Monogram.tsx";
import { Notice } from "../ui/Notice.tsx";
import { ScreenLoader } from "../ui/ScreenLoader.tsx";
import { StatusPill } from "../ui/StatusPill.tsx";
import { useTitle } from "../ui/use-title.ts";
import { InstallDialog } from "./InstallDialog.tsx";
import { otherRegistry, stateOf } from "./model.ts";
import { PackageFacts } from "./PackageFacts.tsx";
import { PackageMenu } from "./PackageMenu.tsx";
import { offerQuery, packageQuery, registriesQuery } from "./queries.ts";
import { ReachView } from "./ReachView.tsx";
import type { Package } from "./types.ts";
import { UpgradeNotice } from "./UpgradeNotice.tsx";

const AddCredential = lazy(() => import("../credentials/AddCredential.tsx"));

export default function PackagePage() {
  const { registry, packageId } = useParams({ from: "/inside/marketplace/$registry/$packageId" });
  const { data, error, refetch, isFetching } = useQuery(packageQuery(registry, packageId));
  const isUnknown = error instanceof ApiError && error.status === 404;
  return (
    <div className={classes.page}>
      <Link to="/marketplace" className={classes.back}>
        <ChevronLeft size={14} aria-hidden />
        Marketplace
      </Link>
      {!data && !error && <ScreenLoader />}
      {!data && error && (
        <EmptyState
          isScreen
          role="alert"
          title={isUnknown ? "No registry offers this package" : "The package could not be read"}
          text={
            isUnknown
              ? "It was taken back, its registry was removed, or the address is mistyped."
              : reason(error)
          }
          action={
            isUnknown ? (
              <LinkButton to="/marketplace" variant="default">
                See all packages
              </LinkButton>
            ) : (
              <Button loading={isFetching} onClick={() => void refetch()}>
                Try again
              </Button>
            )
          }
        />
      )}
      {data && <PackageView key={`${registry}/${packageId}`} one={data} />}
    </div>
  );
}

function PackageView({ one }: { one: Package }) {
  const { data: offer } = useQuery(offerQuery);
  const { data: registries } = useQuery(registriesQuery);
  const [dialog, setDialog] = useState<"install" | "credential">();
  const canInstall = useCan("connectors.install");
  const canAdd = useCan("credentials.createPersonal");
  useTitle(one.name);
  const registryName = (id: string) => registries?.find((registry) => registry.id === id)?.name ?? id;
  const other = otherRegistry(one, offer?.items ?? []);
  const state = stateOf(one, offer?.items ?? []);
  const takesCredential = one.reach.authentication.length > 0;
  return (
    <>
      <header className={classes.header}>
        <Monogram name={one.name} size={48} />
        <div className={classes.words}>
          <Group gap="xs" align="center">
            <h1>{one.name}</h1>
            {state !== "none" && <StatusPill status={state} />}
          </Group>
          <p>
            {categoryLabel(one.category)} · {one.version} · from {registryName(one.registry)}
          </p>
        </div>
        <Group gap="xs">
          {one.installed && canInstall && <PackageMenu one={one} installed={one.installed} />}
          {one.installed && (
            <LinkButton
              to="/catalog/$service"
              params={{ service: one.id }}
              variant="default"
              leftSection={<LayoutGrid size={14} aria-hidden />}
            >
              Open in catalog
            </LinkButton>
          )}
          {one.installed && canAdd && takesCredential && (
            <Button
              variant={state === "upgrade" ? "default" : "filled"}
              leftSection={<KeyRound size={14} aria-hidden />}
              onClick={() => setDialog("credential")}
            >
              Add credential
            </Button>
          )}
          {(state === "none" || state === "upgrade") && canInstall && (
            <Button leftSection={<Download size={14} aria-hidden />} onClick={() => setDialog("install")}>
              {state === "upgrade" ? `Upgrade to ${one.version}` : "Install"}
            </Button>
          )}
        </Group>
      </header>
      <p className={classes.lead}>{one.description}</p>
      {other !== undefined && (
        <Notice tone="info" title={`It is installed from ${registryName(other)}`}>
          One connector comes from one registry. To take it from {registryName(one.registry)}, remove the
          installed one first.
        </Notice>
      )}
      {state === "none" && !canInstall && (
        <Notice tone="info">An admin of the workspace can install it.</Notice>
      )}
      {state === "upgrade" && <UpgradeNotice one={one} canInstall={canInstall} />}
      <div className={classes.layout}>
        <ReachView reach={one.reach} version={one.version} />
        <PackageFacts one={one} registry={registries?.find(({ id }) => id === one.registry)} />
      </div>
      {dialog === "install" && (
        <InstallDialog
          one={one}
          registryName={registryName(one.registry)}
          onClose={() => setDialog(undefined)}
          onAddCredential={canAdd && takesCredential ? () => setDialog("credential") : undefined}
        />
      )}
      {dialog === "credential" && (
        <Suspense>
          <AddCredential service={one.id} onClose={() => setDialog(undefined)} />
        </Suspense>
      )}
    </>
  );
}
