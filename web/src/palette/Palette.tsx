/** The command palette: Cmd/Ctrl+K finds screens, workflows, credentials and services. */

import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight, SpotlightActionsGroup } from "@mantine/spotlight";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CornerDownLeft, KeyRound, LayoutGrid, type LucideIcon, Search, Workflow } from "lucide-react";
import { useState } from "react";
import { api, value } from "../api/client.ts";
import { useMe } from "../auth/me.ts";
import { fits, screens } from "./commands.ts";
import { paletteStore } from "./open.ts";
import classes from "./Palette.module.css";

interface Found {
  id: string;
  label: string;
  hint?: string | undefined;
  icon: LucideIcon;
  href: string;
}

/** Finds workflows, credentials and services by name, as the server sees them. */
function useFound(text: string) {
  const [q] = useDebouncedValue(text.trim(), 120);
  return useQuery({
    queryKey: ["palette", q],
    enabled: q !== "",
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Found[]> => {
      const params = { query: { q, limit: 6 } };
      const [workflows, credentials, services] = await Promise.all([
        value(api.GET("/api/workflows", { params, signal })),
        value(api.GET("/api/credentials", { params, signal })),
        value(api.GET("/api/connectors", { params: { query: { q, limit: 4 } }, signal })),
      ]);
      const items = (workflows as unknown as { items: { id: string; name: string }[] }).items;
      return [
        ...items.map(({ id, name }) => ({
          id,
          label: name,
          hint: "Workflow",
          icon: Workflow,
          href: `/workflows/${id}`,
        })),
        ...credentials.items.map(({ id, name }) => ({
          id,
          label: name,
          hint: "Credential",
          icon: KeyRound,
          href: `/settings/credentials?q=${encodeURIComponent(name)}`,
        })),
        ...(services.items as unknown as { id: string; name: string }[]).map(({ id, name }) => ({
          id: `service ${id}`,
          label: name,
          hint: "Service",
          icon: LayoutGrid,
          href: `/catalog/${id}`,
        })),
      ];
    },
  });
}

export function Palette() {
  const [query, setQuery] = useState("");
  const me = useMe();
  const navigate = useNavigate();
  const found = useFound(query);
  const shown = screens(me.permissions).filter((screen) =>
    fits(query, screen.label, screen.hint, screen.keywords),
  );
  const things: Found[] = query.trim() === "" ? [] : (found.data ?? []);
  const isService = ({ icon }: Found) => icon === LayoutGrid;
  const own = things.filter((entry) => !isService(entry));
  // A word such as "audit" means the screen, not every service that has to do with it.
  const services = shown.length > 0 ? [] : things.filter(isService);
  const action = (entry: Found) => (
    <Spotlight.Action
      key={entry.id}
      label={entry.label}
      description={entry.hint}
      leftSection={<entry.icon size={16} aria-hidden />}
      onClick={() => void navigate({ href: entry.href })}
    />
  );
  return (
    <Spotlight.Root
      store={paletteStore}
      query={query}
      onQueryChange={setQuery}
      shortcut="mod + K"
      scrollable
      yOffset="14vh"
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      attributes={{ content: { "aria-label": "Search" } }}
      classNames={{ action: classes.action, actionDescription: classes.description }}
      maxHeight={420}
    >
      <Spotlight.Search
        placeholder="Find a workflow, a credential, a service or a screen"
        aria-label="Search"
        leftSection={<Search size={17} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {own.length > 0 && <SpotlightActionsGroup label="Found">{own.map(action)}</SpotlightActionsGroup>}
        {shown.length > 0 && (
          <SpotlightActionsGroup label="Go to">
            {shown.map(({ id, label, hint, to }) =>
              action({ id, label, hint, icon: CornerDownLeft, href: to }),
            )}
          </SpotlightActionsGroup>
        )}
        {services.length > 0 && (
          <SpotlightActionsGroup label="Services">{services.map(action)}</SpotlightActionsGroup>
        )}
        {things.length + shown.length === 0 && <Spotlight.Empty>Nothing fits.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
