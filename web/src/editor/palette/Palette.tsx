/** What can be put on the canvas: search, click, drag, or arrows and Enter. */

import { CloseButton, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import { Monogram } from "../../ui/Monogram.tsx";
import { DRAG_TYPE } from "../canvas/Canvas.tsx";
import { NodeIcon } from "../icons.tsx";
import type { NewNode } from "../model/commands.ts";
import type { Entry } from "./entries.ts";
import classes from "./Palette.module.css";
import { useGroups } from "./use-groups.ts";

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

/** The palette. */
export function Palette({ searchRef, onPick, onClose, hint, withoutTriggers = false, autoFocus }: Props) {
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const { groups, isLoading } = useGroups(query, withoutTriggers);
  const entries = groups.flatMap((group) => group.entries);
  const active = entries[Math.min(place, entries.length - 1)];
  const activeId = active && idOf(active);
  useEffect(() => {
    if (place > 0 && activeId) document.getElementById(activeId)?.scrollIntoView({ block: "nearest" });
  }, [place, activeId]);
  const pick = (entry: Entry) => {
    setQuery("");
    setPlace(0);
    onPick(entry.what);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Mod-Enter runs the workflow, wherever the focus is.
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "ArrowDown") setPlace((at) => Math.min(at + 1, entries.length - 1));
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
          placeholder="Nodes and services"
          aria-label="Search nodes and services"
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={activeId}
          leftSection={<Search size={14} aria-hidden />}
          rightSection={
            onClose ? (
              <CloseButton size="sm" aria-label="Close" onClick={onClose} />
            ) : (
              <kbd className={classes.key}>/</kbd>
            )
          }
          // At once, so that no letter is lost that is typed while the dialog still appears; the other for its trap.
          autoFocus={autoFocus}
          data-autofocus={autoFocus || undefined}
        />
        {hint && <p className={classes.hint}>{hint}</p>}
      </div>
      <div id="palette-list" role="listbox" aria-label="Nodes" className={classes.list} tabIndex={-1}>
        {groups.length === 0 && (
          <p className={classes.none} role="status">
            {isLoading
              ? "Looking through the services …"
              : `No node or service fits “${query}”. An HTTP Request calls any service.`}
          </p>
        )}
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
          <div key={group.label} role="group" aria-label={group.label}>
            <div className={classes.heading} aria-hidden>
              {group.label}
            </div>
            {group.entries.map((entry) => (
              <Option
                key={entry.key}
                entry={entry}
                active={entry.key === active?.key}
                onPick={() => pick(entry)}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

/** An id that may stand in an attribute: identifiers of operations hold slashes and more. */
const idOf = (entry: Entry) => `palette-${entry.key.replace(/[^\w-]/g, "_")}`;

function Option({ entry, active, onPick }: { entry: Entry; active: boolean; onPick: () => void }) {
  const { what } = entry;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field moves through the options and picks them
    // biome-ignore lint/a11y/useFocusableInteractive: the search field holds the focus, as in every combobox
    <div
      id={idOf(entry)}
      role="option"
      aria-selected={active}
      className={classes.entry}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, JSON.stringify(what));
        event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={onPick}
      data-type={entry.service ? undefined : what.type}
      data-key={entry.key}
    >
      {entry.service ? <Monogram name={entry.service} size={28} /> : <NodeIcon node={what} size={28} />}
      <span className={classes.words}>
        <span className={classes.label}>{entry.label}</span>
        <span className={classes.summary}>{entry.summary}</span>
      </span>
    </div>
  );
}
