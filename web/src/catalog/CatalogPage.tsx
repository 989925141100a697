/** The catalog: every service that Flero knows, to browse, filter and search; descriptions of others are imported. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { FileDown, Search, SearchX } from "lucide-react";
import { lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from "react";
import { useCan } from "../auth/me.ts";
import { count } from "../lib/format.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { Page } from "../ui/Page.tsx";
import { TYPING_MS, useSearchText } from "../ui/use-search-text.ts";
import classes from "./CatalogPage.module.css";
import { catalogQuery, forgivingQuery } from "./queries.ts";
import { ServiceGrid } from "./ServiceGrid.tsx";
import { categoriesOf, findServices, TIERS } from "./search.ts";
import type { ConnectorSummary } from "./types.ts";

const ImportDialog = lazy(() => import("./ImportDialog.tsx"));

/** The part of the address that says what is shown. */
export interface CatalogSearch {
  q?: string;
  category?: string;
  tier?: string;
}

/** What fits what was typed; where nothing does, what the server finds for a mistyped name. */
function useFound(services: ConnectorSummary[], typed: string) {
  const found = useMemo(() => findServices(services, typed), [services, typed]);
  const [settled] = useDebouncedValue(typed.trim(), TYPING_MS);
  const forgiving = useQuery({
    ...forgivingQuery(settled),
    enabled: services.length > 0 && found.length === 0 && settled !== "",
  });
  const close = found.length === 0 && settled === typed.trim() ? (forgiving.data ?? []) : [];
  return { found: close.length > 0 ? close : found, isClose: close.length > 0 };
}

function Filters({
  services,
  search,
  change,
}: {
  services: ConnectorSummary[];
  search: CatalogSearch;
  change: (next: Partial<Record<keyof CatalogSearch, string | undefined>>) => void;
}) {
  const categories = useMemo(() => categoriesOf(services), [services]);
  const tiers = TIERS.filter((tier) => services.some((service) => service.tier === tier.value));
  const button = (value: string | undefined, label: string, amount: number, name: "category" | "tier") => (
    <button
      key={label}
      type="button"
      className={classes.filter}
      aria-pressed={search[name] === value}
      onClick={() => change({ [name]: value })}
    >
      <span>{label}</span>
      <span className={classes.amount}>{amount}</span>
    </button>
  );
  const amountOf = (tier: string) => services.filter((service) => service.tier === tier).length;
  return (
    <>
      <div className={classes.filters}>
        <fieldset>
          <legend>Kind</legend>
          {button(undefined, "All", services.length, "tier")}
          {tiers.map((tier) => button(tier.value, tier.label, amountOf(tier.value), "tier"))}
        </fieldset>
        <fieldset>
          <legend>Category</legend>
          {button(undefined, "All", services.length, "category")}
          {categories.map(({ value, label, count }) => button(value, label, count, "category"))}
        </fieldset>
      </div>
      <div className={classes.selects}>
        <NativeSelect
          aria-label="Kind"
          size="xs"
          value={search.tier ?? ""}
          onChange={(event) => change({ tier: event.currentTarget.value || undefined })}
          data={[{ value: "", label: "All kinds" }, ...tiers]}
        />
        <NativeSelect
          aria-label="Category"
          size="xs"
          value={search.category ?? ""}
          onChange={(event) => change({ category: event.currentTarget.value || undefined })}
          data={[{ value: "", label: "All categories" }, ...categories]}
        />
      </div>
    </>
  );
}

export default function CatalogPage() {
  const search = useSearch({ from: "/inside/catalog" });
  const navigate = useNavigate({ from: "/catalog" });
  const query = useQuery(catalogQuery);
  const { data } = query;
  const [isImporting, setIsImporting] = useState(false);
  const canImport = useCan("connectors.write");
  const change = useCallback(
    (next: Partial<Record<keyof CatalogSearch, string | undefined>>) =>
      void navigate({ search: (before) => ({ ...before, ...next }) as CatalogSearch, replace: true }),
    [navigate],
  );
  const changeText = useCallback((q: string | undefined) => change({ q }), [change]);
  const [text, setText] = useSearchText(search.q, changeText);
  const typed = useDeferredValue(text);
  const filtered = useMemo(
    () =>
      (data ?? []).filter(
        (service) =>
          (search.tier === undefined || service.tier === search.tier) &&
          (search.category === undefined || service.category === search.category),
      ),
    [data, search.tier, search.category],
  );
  const { found, isClose } = useFound(filtered, typed);
  return (
    <Page
      title="Catalog"
      lead="The services that Flero knows: what they can do in a workflow, and how to get a credential there."
      actions={
        canImport && (
          <Button
            variant="default"
            leftSection={<FileDown size={15} aria-hidden />}
            onClick={() => setIsImporting(true)}
          >
            Import a description
          </Button>
        )
      }
    >
      <NotYet query={query} failed="The catalog could not be read" shape="cards" />
      {data && (
        <div className={classes.layout}>
          <Filters services={data} search={search} change={change} />
          <div className={classes.results}>
            <TextInput
              aria-label="Search the catalog"
              placeholder="Search by name, purpose or category"
              leftSection={<Search size={15} aria-hidden />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <p role="status" className={classes.count}>
              {isClose
                ? "Nothing is called exactly that. Perhaps one of these:"
                : count(found.length, "service")}
            </p>
            {found.length > 0 ? (
              <ServiceGrid services={found} />
            ) : (
              <EmptyState
                icon={<SearchX size={20} aria-hidden />}
                title="Nothing fits"
                text="Any other service works too: use the HTTP Request node with a credential, or import its OpenAPI description."
                action={
                  <Button
                    variant="default"
                    onClick={() => change({ q: undefined, category: undefined, tier: undefined })}
                  >
                    Clear the filters
                  </Button>
                }
              />
            )}
          </div>
        </div>
      )}
      {isImporting && (
        <Suspense>
          <ImportDialog onClose={() => setIsImporting(false)} />
        </Suspense>
      )}
    </Page>
  );
}
