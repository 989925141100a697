/** The way to every section, the workspace above and the person below. */
import { Link } from "@tanstack/react-router";
import { KeyRound, type LucideIcon, ScrollText, Workflow } from "lucide-react";
import { PersonMenu } from "./PersonMenu.tsx";
import classes from "./Sidebar.module.css";
import { WorkspaceSwitcher } from "./WorkspaceSwitcher.tsx";

type Target = "/workflows" | "/logs" | "/settings/credentials";

const SECTIONS: { to: Target; label: string; icon: LucideIcon }[] = [
  { to: "/workflows", label: "Workflows", icon: Workflow },
  { to: "/logs", label: "Executions", icon: ScrollText },
  { to: "/settings/credentials", label: "Credentials", icon: KeyRound },
];

export function Sidebar() {
  return (
    <div className={classes.sidebar}>
      <WorkspaceSwitcher />
      <nav aria-label="Main" className={classes.nav}>
        {SECTIONS.map(({ to, label, icon: Icon }) => (
          <Link key={to} to={to} className={classes.link} activeProps={{ "data-active": true }}>
            <Icon size={16} strokeWidth={1.8} aria-hidden />
            {label}
          </Link>
        ))}
      </nav>
      <PersonMenu />
    </div>
  );
}
