/** The first step of a new credential: the service that it is for, out of everything that Flero knows. */
// biome-ignore-all lint/a11y/useSemanticElements: entries that are placed one by one cannot be options of a select
import { Alert, Button, Group, Loader, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { sentence } from "../../api/problem.ts";
import { catalogQuery, forgivingQuery } from "../../catalog/queries.ts";
import { findServices } from "../../catalog/search.ts";
import type { ConnectorSummary } from "../../catalog/types.ts";
import { authTypeLabel } from "../words.ts";
import classes from "./ServiceChoice.module.css";
import { ServiceTile } from "./ServiceTile.tsx";
import { DATABASE, GENERIC } from "./use-service.ts";

const ROW_PX = 54;

const entry = (id: string, name: string, description: string, keywords: string[]): ConnectorSummary => ({
  id,
  name,
  description,
  keywords,
  tier: "curated",
  category: "",
  color: null,
  version: "",
  authTypes: [],
  operationCount: 0,
  eventCount: 0,
});

/** What no connector describes. */
const ALWAYS = [
  entry(GENERIC, "Any HTTP service", "A key, a password, OAuth or a certificate for hosts that you name.", [
    "http",
    "custom",
    "api",
    "oauth",
    "webhook",
    "bearer",
    "generic",
  ]),
  entry(DATABASE, "PostgreSQL database", "User name and password for one database.", ["sql", "database"]),
];

/** The entries that fit; what the server finds for a mistyped name where nothing else does. */
function useEntries(text: string, only?: (service: ConnectorSummary) => boolean) {
  const { data, error, refetch } = useQuery(catalogQuery);
  const [typed] = useDebouncedValue(text.trim(), 200);
  const services = useMemo(() => {
    const known = (data ?? []).filter(({ id }) => id !== DATABASE);
    return findServices(only ? known.filter(only) : [...ALWAYS, ...known], text);
  }, [data, text, only]);
  const forgiving = useQuery({
    ...forgivingQuery(typed),
    enabled: data !== undefined && services.length === 0 && typed !== "",
  });
  const found = services.length === 0 && typed === text.trim() ? (forgiving.data ?? []) : [];
  const close = only ? found.filter(only) : found;
  return {
    entries: [...services, ...close],
    isClose: close.length > 0,
    isLoading: !data && !error,
    error,
    refetch,
  };
}

interface Props {
  /** Which services are offered; every one, and the generic ones, unless told. */
  only?: (service: ConnectorSummary) => boolean;
  onChoose: (service: string) => void;
}

export function ServiceChoice({ only, onChoose }: Props) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { entries, isClose, isLoading, error, refetch } = useEntries(text, only);
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const virtualizer = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed begins at the top again
  useEffect(() => {
    setAt(0);
    scroller.current?.scrollTo({ top: 0 });
  }, [text]);
  const move = (to: number) => {
    const next = Math.max(0, Math.min(entries.length - 1, to));
    setAt(next);
    virtualizer.scrollToIndex(next);
  };
  const press = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(at + step);
    } else if (event.key === "Enter" && entries[at]) {
      event.preventDefault();
      onChoose(entries[at].id);
    }
  };
  return (
    <div className={classes.root}>
      <TextInput
        aria-label="Search services"
        placeholder={only ? "Search services" : "Search services, or “http” for any other"}
        leftSection={<Search size={15} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={entries[at] ? `${id}-${at}` : undefined}
        aria-autocomplete="list"
        data-autofocus
      />
      {error && (
        <Alert color="red" role="alert" title="The catalog could not be read">
          <Group justify="space-between">
            {sentence(error)}
            <Button size="xs" variant="default" onClick={() => void refetch()}>
              Try again
            </Button>
          </Group>
        </Alert>
      )}
      <Text size="xs" c="dimmed" role="status" className={classes.count}>
        {isLoading ? <Loader size={10} aria-label="Reading the catalog" /> : null}
        {isClose
          ? "Nothing is called exactly that. Perhaps one of these:"
          : `${entries.length} to choose from`}
      </Text>
      <div ref={scroller} className={classes.scroller}>
        <div
          role="listbox"
          id={`${id}-list`}
          aria-label="Services"
          style={{ height: virtualizer.getTotalSize(), position: "relative" }}
        >
          {virtualizer.getVirtualItems().map((item) => {
            const service = entries[item.index];
            if (!service) return null;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard and names the active entry
              <div
                key={service.id}
                id={`${id}-${item.index}`}
                role="option"
                tabIndex={-1}
                aria-selected={item.index === at}
                aria-setsize={entries.length}
                aria-posinset={item.index + 1}
                className={classes.row}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => onChoose(service.id)}
                onPointerMove={() => setAt(item.index)}
              >
                <ServiceTile id={service.id} name={service.name} size={30} />
                <span className={classes.words}>
                  <span className={classes.name}>{service.name}</span>
                  <span className={classes.hint}>{service.description}</span>
                </span>
                <span className={classes.types}>{service.authTypes.map(authTypeLabel).join(", ")}</span>
              </div>
            );
          })}
        </div>
      </div>
      {entries.length === 0 && !isLoading && (
        <Text size="sm" c="dimmed" className={classes.none}>
          {only ? "No service of that name takes one." : "No service of that name is known."}{" "}
          {!only && (
            <Button variant="subtle" size="compact-sm" onClick={() => onChoose(GENERIC)}>
              Use any HTTP service
            </Button>
          )}
        </Text>
      )}
    </div>
  );
}
