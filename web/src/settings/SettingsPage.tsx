/** The settings: a list of sections beside the chosen one. */
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useMe } from "../auth/me.ts";
import { NotAllowed } from "../ui/RouteError.tsx";
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
  const { pathname } = useLocation();
  const isClosed =
    SETTINGS.some(({ to }) => pathname.startsWith(to)) && !shown.some(({ to }) => pathname.startsWith(to));
  const nav = useRef<HTMLElement>(null);

  // On a narrow screen the list scrolls sideways; the chosen section has to be in view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address is another chosen section
  useEffect(() => {
    nav.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);

  return (
    <div className={classes.layout}>
      <nav ref={nav} aria-label="Settings" className={classes.nav}>
        {shown.map(({ to, label }) => (
          <Link key={to} to={to} className={links.link} activeProps={{ "data-active": true }}>
            {label}
          </Link>
        ))}
      </nav>
      <div className={classes.content}>{isClosed ? <NotAllowed /> : <Outlet />}</div>
    </div>
  );
}
