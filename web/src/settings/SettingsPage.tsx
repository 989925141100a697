/** The settings: a list of sections beside the chosen one. */
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useMe } from "../auth/me.ts";
import { count } from "../lib/format.ts";
import { openRequestsQuery } from "../scope-requests/queries.ts";
import { NotAllowed } from "../ui/RouteError.tsx";
import links from "../ui/SideLink.module.css";
import classes from "./SettingsPage.module.css";
import { SETTINGS } from "./sections.ts";

/** How many requests wait for the reader's decision. */
function OpenRequests() {
  const { data } = useQuery(openRequestsQuery);
  const amount = data?.items.filter(({ canDecide }) => canDecide).length ?? 0;
  if (amount === 0) return null;
  return (
    <span className={classes.count} role="img" aria-label={`${count(amount, "decision")} to make`}>
      {amount}
    </span>
  );
}

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
        {[...new Set(shown.map(({ group }) => group))].map((name) => (
          // biome-ignore lint/a11y/useSemanticElements: these are links, and no fields of a form
          <div key={name} role="group" aria-label={name} className={classes.group}>
            <span className={classes.heading} aria-hidden>
              {name}
            </span>
            {shown
              .filter(({ group }) => group === name)
              .map(({ to, label }) => (
                <Link key={to} to={to} className={links.link} activeProps={{ "data-active": true }}>
                  {label}
                  {to === "/settings/requests" && <OpenRequests />}
                </Link>
              ))}
          </div>
        ))}
      </nav>
      <div className={classes.content}>{isClosed ? <NotAllowed /> : <Outlet />}</div>
    </div>
  );
}
