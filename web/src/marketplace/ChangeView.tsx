/**
 * What one version has and the other has not. A line that is new has a plus sign, one that is gone a minus sign, and
 * both are named for those who cannot see them; the colours only repeat it.
 */
import { VisuallyHidden } from "@mantine/core";
import { Minus, Plus } from "lucide-react";
import { useState } from "react";
import { partsOf } from "./model.ts";
import classes from "./Reach.module.css";
import type { Change } from "./types.ts";

/** So many lines stand there at once; who wants to see the others asks for them. Hosts and permissions all do. */
const MOST = 6;
const WHOLE = new Set(["hosts", "permissions"]);

export function ChangeView({ change }: { change: Change }) {
  return (
    <div className={classes.parts}>
      {partsOf(change).map(({ key, ...part }) => (
        <Part key={key} {...part} isWhole={WHOLE.has(key)} />
      ))}
    </div>
  );
}

interface PartProps {
  label: string;
  added: readonly string[];
  removed: readonly string[];
  isWhole: boolean;
}

function Part({ label, added, removed, isWhole }: PartProps) {
  const [isOpen, setIsOpen] = useState(isWhole);
  const news = added.map((text) => ({ text, kind: "added" as const }));
  const gone = removed.map((text) => ({ text, kind: "removed" as const }));
  // Of hosts and permissions, what is new matters most; of operations, what is gone, since workflows may call it.
  const lines = isWhole ? [...news, ...gone] : [...gone, ...news];
  // One more line takes no more room than the button that would show it.
  const shown = isOpen || lines.length <= MOST + 1 ? lines : lines.slice(0, MOST);
  return (
    <section>
      <h3>{label}</h3>
      <ul className={classes.change}>
        {shown.map(({ text, kind }) => (
          <li key={`${kind} ${text}`} data-kind={kind}>
            {kind === "added" ? (
              <Plus size={14} strokeWidth={2.4} aria-hidden />
            ) : (
              <Minus size={14} strokeWidth={2.4} aria-hidden />
            )}
            <VisuallyHidden>{kind === "added" ? "Added: " : "Removed: "}</VisuallyHidden>
            <code>{text}</code>
          </li>
        ))}
      </ul>
      {shown.length < lines.length && (
        <button type="button" className={classes.more} onClick={() => setIsOpen(true)}>
          Show {lines.length - shown.length} more
        </button>
      )}
    </section>
  );
}
