/** The Marketplace: what registries offer, to search and filter, with what the workspace has of it. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { BookMarked, PackageOpen, SearchX } from "lucide-react";
import { useCallback, useDeferredValue, useMemo } from "react";
import { count } from "../lib/format.ts";
import { EmptyState } from "../ui/EmptyState.tsx";
import { LinkButton } from "../ui/links.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { Page } from "../ui/Page.tsx";
import { useSearchText } from "../ui/use-search-text.ts";
import { Filters } from "./Filters.tsx";
import classes from "./MarketplacePage.module.css";
import { findPackages, type PackageFilter } from "./model.ts";
import { NotOffered } from "./NotOffered.tsx";
import { PackageGrid } from "./PackageGrid.tsx";
import { Problems } from "./Problems.tsx";
import { offerQuery, registriesQuery } from "./queries.ts";

const NO_FILTER: PackageFilter = { q: undefined, category: undefined, registry: undefined, show: undefined };

export default function MarketplacePage() {
  const search = useSearch({ from: "/inside/marketplace" });
  const navigate = useNavigate({ from: "/marketplace" });
  const query = useQuery(offerQuery);
  const { data: offer, isFetching, refetch } = query;
  const { data: registries } = useQuery(registriesQuery);
  const change = useCallback(
    (next: PackageFilter) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true }),
    [navigate],
  );
  const changeText = useCallback((q: string | undefined) => change({ q }), [change]);
  const [text, setText] = useSearchText(search.q, changeText);
  const typed = useDeferredValue(text);
  const found = useMemo(
    () => (offer ? findPackages(offer.items, { ...search, q: typed }) : []),
    [offer, search, typed],
  );
  const names = useMemo(() => new Map(registries?.map(({ id, name }) => [id, name])), [registries]);
  const clear = (
    <Button variant="default" onClick={() => change(NO_FILTER)}>
      Clear the filters
    </Button>
  );
  return (
    <Page
      title="Marketplace"
      lead="Connectors that are not built in, from publishers that your organization trusts. Installing one runs nothing."
      actions={
        <LinkButton
          to="/marketplace/registries"
          variant="default"
          leftSection={<BookMarked size={15} aria-hidden />}
        >
          Registries
        </LinkButton>
      }
    >
      <NotYet query={query} failed="The Marketplace could not be read" shape="cards" />
      {offer && (
        <>
          <Problems
            problems={offer.problems}
            names={names}
            isChecking={isFetching}
            onAgain={() => void refetch()}
          />
          <Filters
            offer={offer}
            names={names}
            filter={search}
            text={text}
            onText={setText}
            onChange={change}
          />
          <p role="status" className={classes.count}>
            {count(found.length, "package")}
          </p>
          {found.length > 0 && <PackageGrid packages={found} all={offer.items} names={names} />}
          {found.length === 0 && offer.items.length === 0 && (
            <EmptyState
              icon={<PackageOpen size={20} aria-hidden />}
              title="No registry offers a package yet"
              text="What registries offer appears here as soon as they can be read."
            />
          )}
          {found.length === 0 && offer.items.length > 0 && (
            <EmptyState
              icon={<SearchX size={20} aria-hidden />}
              title={search.show === "upgrades" && !search.q ? "Everything is up to date" : "Nothing fits"}
              text={
                search.show === "upgrades" && !search.q
                  ? "No registry has a later version of what is installed."
                  : "Most services need no package: look in the catalog, or import an OpenAPI description there."
              }
              action={clear}
            />
          )}
          <NotOffered offer={offer} />
        </>
      )}
    </Page>
  );
}
