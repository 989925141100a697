/** The settings: a list of sections beside the chosen one. */
import { Link, Outlet } from "@tanstack/react-router";
import { useMe } from "../auth/me.ts";
import links from "../ui/SideLink.module.css";
import classes from "./SettingsPage.module.css";
import { SETTINGS } from "./sections.ts";

export default function SettingsPage() {
  const me = useMe();
  const shown = SETTINGS.filter(({ to, needs }) =>
    me.mfaEnrolmentRequired
      ? to === "/settings/security"
      : needs === undefined || me.permissions.includes(needs),
  );
  return (
    <div className={classes.layout}>
      <nav aria-label="Settings" className={classes.nav}>
        {shown.map(({ to, label }) => (
          <Link key={to} to={to} className={links.link} activeProps={{ "data-active": true }}>
            {label}
          </Link>
        ))}
      </nav>
      <div className={classes.content}>
        <Outlet />
      </div>
    </div>
  );
}
