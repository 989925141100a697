/** The way to every section, the workspace above and the person below. */
import { Tooltip } from "@mantine/core";
import { Link, useRouterState } from "@tanstack/react-router";
import {
  BookOpen,
  KeyRound,
  LayoutGrid,
  type LucideIcon,
  ScrollText,
  Search,
  Settings,
  Store,
  Users,
  Workflow,
} from "lucide-react";
import { useMe } from "../auth/me.ts";
import { MOD } from "../lib/keys.ts";
import { Bell } from "../notifications/Bell.tsx";
import { openPalette } from "../palette/open.ts";
import { PersonMenu } from "./PersonMenu.tsx";
import classes from "./Sidebar.module.css";
import type { Place } from "./shortcuts.ts";
import { WorkspaceSwitcher } from "./WorkspaceSwitcher.tsx";

interface Section {
  to: Place;
  label: string;
  icon: LucideIcon;
  /** The permission without which it is not offered. */
  needs?: string;
  /** Whether an address is part of the section. */
  has: (path: string) => boolean;
}

const under = (prefix: string) => (path: string) => path === prefix || path.startsWith(`${prefix}/`);
const isCredentials = under("/settings/credentials");
const isMembers = under("/settings/members");

const SECTIONS: Section[] = [
  { to: "/workflows", label: "Workflows", icon: Workflow, has: under("/workflows") },
  { to: "/logs", label: "Executions", icon: ScrollText, has: under("/logs") },
  { to: "/settings/credentials", label: "Credentials", icon: KeyRound, has: isCredentials },
  { to: "/catalog", label: "Catalog", icon: LayoutGrid, has: under("/catalog") },
  { to: "/marketplace", label: "Marketplace", icon: Store, has: under("/marketplace") },
  { to: "/settings/members", label: "Members", icon: Users, needs: "members.read", has: isMembers },
  {
    to: "/settings/variables",
    label: "Settings",
    icon: Settings,
    has: (path) => under("/settings")(path) && !isCredentials(path) && !isMembers(path),
  },
  { to: "/docs", label: "Guide", icon: BookOpen, has: under("/docs") },
];

interface Props {
  /** False where the bar above the screen has the bell already. */
  readonly hasBell?: boolean;
  /** Whether there is room for icons alone; the words are there for whoever cannot see them, and beside the pointer. */
  readonly isRail?: boolean;
}

export function Sidebar({ hasBell = true, isRail = false }: Props) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { permissions } = useMe();
  const shown = SECTIONS.filter(({ needs }) => needs === undefined || permissions.includes(needs));
  return (
    <div className={classes.sidebar} data-rail={isRail || undefined}>
      <WorkspaceSwitcher />
      <div className={classes.tools}>
        <Tooltip label={`Search (${MOD} K)`} position="right" disabled={!isRail}>
          <button type="button" className={classes.search} onClick={openPalette}>
            <Search size={14} aria-hidden />
            <span>Search</span>
            <kbd>{MOD === "⌘" ? "⌘K" : "Ctrl K"}</kbd>
          </button>
        </Tooltip>
        {hasBell && <Bell />}
      </div>
      <nav aria-label="Main" className={classes.nav}>
        {shown.map(({ to, label, icon: Icon, has }) => (
          <Tooltip key={to} label={label} position="right" disabled={!isRail}>
            <Link
              to={to}
              className={classes.link}
              data-active={has(path) || undefined}
              aria-current={has(path) ? "page" : undefined}
            >
              <Icon size={16} strokeWidth={1.8} aria-hidden />
              <span>{label}</span>
            </Link>
          </Tooltip>
        ))}
      </nav>
      <PersonMenu />
    </div>
  );
}
