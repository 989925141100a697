/** What can be put on the canvas: search, click, drag, or arrows and Enter. */

import { CloseButton, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { type KeyboardEvent, type RefObject, useMemo, useState } from "react";
import { DRAG_TYPE } from "../canvas/Canvas.tsx";
import { NodeIcon } from "../icons.tsx";
import type { NewNode } from "../model/commands.ts";
import { CATEGORIES, type NodeType, searchTypes } from "../model/nodeTypes.ts";
import classes from "./Palette.module.css";

interface Props {
  readonly searchRef?: RefObject<HTMLInputElement | null>;
  readonly onPick: (what: NewNode) => void;
  readonly onClose?: () => void;
  /** Where what is picked goes, in words. */
  readonly hint?: string;
  /** Whether triggers can be picked. */
  readonly withoutTriggers?: boolean;
  readonly autoFocus?: boolean;
}

/** The types under their headings, or one list for a search. */
function useGroups(
  query: string,
  withoutTriggers: boolean,
): readonly { readonly label: string; readonly types: readonly NodeType[] }[] {
  return useMemo(() => {
    const found = searchTypes(query).filter((type) => !withoutTriggers || !type.trigger);
    if (query.trim() !== "") return found.length > 0 ? [{ label: "Found", types: found }] : [];
    const groups = CATEGORIES.map(({ id, label }) => ({
      label,
      types: found.filter((type) => type.category === id),
    }));
    return groups.filter((group) => group.types.length > 0);
  }, [query, withoutTriggers]);
}

/** The palette. */
export function Palette({ searchRef, onPick, onClose, hint, withoutTriggers = false, autoFocus }: Props) {
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const groups = useGroups(query, withoutTriggers);
  const types = groups.flatMap((group) => group.types);
  const active = types[Math.min(place, types.length - 1)];
  const pick = (type: NodeType) => {
    setQuery("");
    setPlace(0);
    onPick({ type: type.type });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Mod-Enter runs the workflow, wherever the focus is.
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "ArrowDown") setPlace((at) => Math.min(at + 1, types.length - 1));
    else if (event.key === "ArrowUp") setPlace((at) => Math.max(at - 1, 0));
    else if (event.key === "Enter" && active) pick(active);
    else if (event.key === "Escape") {
      if (query !== "") setQuery("");
      else if (onClose) onClose();
      else (event.target as HTMLElement).blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={classes.palette}>
      <div className={classes.head}>
        <TextInput
          ref={searchRef}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setPlace(0);
          }}
          onKeyDown={onKeyDown}
          placeholder="Search nodes"
          aria-label="Search nodes"
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={active ? `palette-${active.type}` : undefined}
          leftSection={<Search size={14} aria-hidden />}
          rightSection={
            onClose ? (
              <CloseButton size="sm" aria-label="Close" onClick={onClose} />
            ) : (
              <kbd className={classes.key}>/</kbd>
            )
          }
          data-autofocus={autoFocus || undefined}
        />
        {hint && <p className={classes.hint}>{hint}</p>}
      </div>
      <div id="palette-list" role="listbox" aria-label="Nodes" className={classes.list} tabIndex={-1}>
        {groups.length === 0 && (
          <p className={classes.none}>No node fits “{query}”. An HTTP Request calls any service.</p>
        )}
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
          <div key={group.label} role="group" aria-label={group.label}>
            <div className={classes.heading} aria-hidden>
              {group.label}
            </div>
            {group.types.map((type) => (
              <Entry key={type.type} type={type} active={type === active} onPick={() => pick(type)} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Entry({ type, active, onPick }: { type: NodeType; active: boolean; onPick: () => void }) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field moves through the options and picks them
    // biome-ignore lint/a11y/useFocusableInteractive: the search field holds the focus, as in every combobox
    <div
      id={`palette-${type.type}`}
      role="option"
      aria-selected={active}
      className={classes.entry}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, type.type);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={onPick}
      data-type={type.type}
    >
      <NodeIcon node={type} size={28} />
      <span>
        <span className={classes.label}>{type.label}</span>
        <span className={classes.summary}>{type.summary}</span>
      </span>
    </div>
  );
}
