/** What a package may reach: hosts and permissions with what they mean, then what it can do. */
import { useState } from "react";
import { PARTS } from "./model.ts";
import classes from "./Reach.module.css";
import type { Reach } from "./types.ts";

/** So many operations stand there at once; hosts and permissions are what one agrees to and all stand there. */
const MOST = 24;

/** What it means that a part is empty. */
const NONE: Record<keyof Reach, string> = {
  hosts: "None: it sends nothing anywhere.",
  permissions: "It asks for none.",
  authentication: "None: it needs no credential.",
  operations: "It has none.",
  events: "It declares none.",
};

const WHY: Partial<Record<keyof Reach, string>> = {
  hosts: "The only ones. A credential that exists keeps its own hosts, whatever is installed.",
  permissions: "Asked for at the service when somebody connects an account.",
};

export function ReachView({ reach, version }: { reach: Reach; version: string }) {
  return (
    <section className={classes.reach} aria-label={`What ${version} may reach`}>
      {PARTS.map(({ key, label }) => (
        <Part key={key} label={label} why={WHY[key]} entries={reach[key]} none={NONE[key]} />
      ))}
    </section>
  );
}

interface PartProps {
  label: string;
  why: string | undefined;
  entries: readonly string[];
  none: string;
}

function Part({ label, why, entries, none }: PartProps) {
  const [isOpen, setIsOpen] = useState(false);
  const shown = isOpen || entries.length <= MOST ? entries : entries.slice(0, MOST);
  return (
    <section>
      <h2>
        {label}
        {entries.length > 0 && <span className={classes.amount}>{entries.length}</span>}
      </h2>
      {why && entries.length > 0 && <p>{why}</p>}
      {entries.length === 0 && <p>{none}</p>}
      {entries.length > 0 && (
        <ul className={classes.entries}>
          {shown.map((entry) => (
            <li key={entry}>
              <code>{entry}</code>
            </li>
          ))}
        </ul>
      )}
      {shown.length < entries.length && (
        <button type="button" className={classes.more} onClick={() => setIsOpen(true)}>
          Show {entries.length - shown.length} more
        </button>
      )}
    </section>
  );
}
