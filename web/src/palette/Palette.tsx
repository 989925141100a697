/** The command palette: Cmd/Ctrl+K finds workflows, credentials, services, screens and actions. */
import { Spotlight, SpotlightActionsGroup } from "@mantine/spotlight";
import { useNavigate } from "@tanstack/react-router";
import {
  BookOpen,
  CornerDownLeft,
  KeyRound,
  LayoutGrid,
  type LucideIcon,
  ScrollText,
  Search,
  Workflow,
  Zap,
} from "lucide-react";
import { useEffect, useState } from "react";
import { useMe } from "../auth/me.ts";
import { runIdIn } from "../executions/filter.ts";
import { actions, type Command, fits, fitting, screens } from "./commands.ts";
import { paletteStore, selectFirst } from "./open.ts";
import classes from "./Palette.module.css";
import { useDeeds } from "./use-deeds.ts";
import { type Found, useFound } from "./use-found.ts";

const ICONS: Record<Found["kind"], LucideIcon> = {
  Workflow,
  Credential: KeyRound,
  Execution: ScrollText,
  Service: LayoutGrid,
};

/** The run that a pasted identifier, or the address of its page, names. */
function runIn(query: string): Found[] {
  const id = runIdIn(query);
  return id ? [{ id, label: id, kind: "Execution", to: `/logs/${id}` }] : [];
}

/** The way on for what is no name of anything. */
const inGuide = (query: string) => ({
  id: "in-guide",
  label: `Search the guide for “${query.trim()}”`,
  to: `/docs?q=${encodeURIComponent(query.trim())}`,
});

export function Palette({ onShortcuts }: { onShortcuts: () => void }) {
  const [query, setQuery] = useState("");
  const me = useMe();
  const navigate = useNavigate();
  const doDeed = useDeeds(onShortcuts);
  const found = useFound(query);
  const isAsked = query.trim() !== "";
  const places = fitting(query, screens(me));
  const deeds = fitting(query, actions(me));
  // While the server still looks, what fitted the letters before is shown only if it fits these too.
  const things = (isAsked ? (found.data ?? []) : []).filter(
    ({ label }) => !found.isPlaceholderData || fits(query, label),
  );
  const own = [...things.filter((entry) => entry.kind !== "Service"), ...runIn(query)];
  // A word such as "audit" means the screen, not every service that has to do with it.
  const services = places.length > 0 ? [] : things.filter((entry) => entry.kind === "Service");

  const shown = [...own, ...services, ...places, ...deeds].map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other entries have another first one
  useEffect(() => {
    if (isAsked) selectFirst();
  }, [isAsked, shown, found.isFetching]);

  const entry = (Icon: LucideIcon, { id, label, hint, to, deed }: Omit<Command, "keywords">) => (
    <Spotlight.Action
      key={id}
      label={label}
      {...(hint ? { rightSection: <span className={classes.hint}>{hint}</span> } : {})}
      leftSection={<Icon size={16} aria-hidden />}
      onClick={() => {
        if (deed) doDeed(deed);
        else if (to) void navigate({ href: to });
      }}
    />
  );
  const thing = (one: Found) => entry(ICONS[one.kind], { ...one, hint: one.kind });
  return (
    <Spotlight.Root
      store={paletteStore}
      query={query}
      onQueryChange={setQuery}
      shortcut="mod + K"
      tagsToIgnore={[]}
      triggerOnContentEditable
      scrollable
      centered={false}
      yOffset="14vh"
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      attributes={{ content: { "aria-label": "Search" } }}
      classNames={{ action: classes.action, actionSection: classes.section, actionsGroup: classes.group }}
      maxHeight={420}
    >
      <Spotlight.Search
        placeholder="Find a workflow, a credential, a service, a screen or an action"
        aria-label="Search"
        leftSection={<Search size={17} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {own.length > 0 && <SpotlightActionsGroup label="Found">{own.map(thing)}</SpotlightActionsGroup>}
        {deeds.length > 0 && isAsked && (
          <SpotlightActionsGroup label="Actions">
            {deeds.map((command) => entry(Zap, command))}
          </SpotlightActionsGroup>
        )}
        {places.length > 0 && (
          <SpotlightActionsGroup label="Go to">
            {places.map((command) => entry(CornerDownLeft, command))}
          </SpotlightActionsGroup>
        )}
        {deeds.length > 0 && !isAsked && (
          <SpotlightActionsGroup label="Actions">
            {deeds.map((command) => entry(Zap, command))}
          </SpotlightActionsGroup>
        )}
        {services.length > 0 && (
          <SpotlightActionsGroup label="Services">{services.map(thing)}</SpotlightActionsGroup>
        )}
        {own.length + services.length + places.length + deeds.length === 0 && found.isFetching && (
          <Spotlight.Empty>Searching…</Spotlight.Empty>
        )}
        {isAsked && !found.isFetching && (
          <SpotlightActionsGroup label="Guide">{entry(BookOpen, inGuide(query))}</SpotlightActionsGroup>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
