/** What is always asked about a package: its versions, what is installed, and who vouches for it. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import facts from "../catalog/Facts.module.css";
import { Ago } from "../ui/Ago.tsx";
import classes from "./Reach.module.css";
import type { Package, Registry } from "./types.ts";

/** So many versions stand there at once. */
const MOST = 8;

export function PackageFacts({ one, registry }: { one: Package; registry: Registry | undefined }) {
  const [isOpen, setIsOpen] = useState(false);
  const versions = isOpen ? one.versions : one.versions.slice(0, MOST);
  return (
    <aside className={facts.facts} aria-label={`About ${one.name}`}>
      {one.installed && (
        <section>
          <h2>In this workspace</h2>
          <ul>
            <li>
              {one.installed.version}, installed <Ago at={one.installed.installedAt} />
            </li>
            {one.installed.formerVersion && (
              <li className={facts.hint}>{one.installed.formerVersion} can be put back.</li>
            )}
          </ul>
        </section>
      )}
      <section>
        <h2>Versions</h2>
        <ul>
          {versions.map((version) => (
            <li key={version} className={classes.versions}>
              <code>{version}</code>
              <span className={facts.hint}>
                {[
                  version === one.version && "newest",
                  version === one.installed?.version && "installed",
                  version === one.installed?.formerVersion && "before",
                ]
                  .filter(Boolean)
                  .join(", ")}
              </span>
            </li>
          ))}
        </ul>
        {versions.length < one.versions.length && (
          <button type="button" className={classes.more} onClick={() => setIsOpen(true)}>
            Show {one.versions.length - versions.length} more
          </button>
        )}
      </section>
      <section>
        <h2>Registry</h2>
        <ul>
          <li>
            <Link to="/marketplace" search={{ registry: one.registry }}>
              {registry?.name ?? one.registry}
            </Link>
            <span className={facts.hint}>
              {registry?.url ?? (one.registry === "community" ? "Comes with Flero" : one.registry)}
            </span>
          </li>
        </ul>
      </section>
      <section>
        <h2>Identifier</h2>
        <code>{one.id}</code>
      </section>
    </aside>
  );
}
