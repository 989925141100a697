/** What the list is narrowed to: two groups of pills, a search, and how it is shown. */
import { ActionIcon, Group, TextInput, Tooltip } from "@mantine/core";
import { LayoutGrid, Rows3, Search } from "lucide-react";
import { useEffect, useState } from "react";
import classes from "./CredentialFilters.module.css";
import { SCOPES, TYPE_GROUPS } from "./words.ts";

/** The part of the address that says what is shown. */
export interface CredentialSearch {
  tab?: "keys";
  scope?: string;
  type?: string;
  q?: string;
  view?: "grid";
  /** Opens the form of this service; empty for the choice of one. */
  add?: string;
  /** Opens this credential. */
  credential?: string;
  /** What of it is opened, instead of its form. */
  show?: "audit" | "usage";
}

interface Props {
  search: CredentialSearch;
  onChange: (change: Partial<CredentialSearch>) => void;
}

/** Long enough that a fast typist asks once a word. */
const TYPING_MS = 200;

function Pills(props: {
  label: string;
  value: string | undefined;
  options: readonly { value: string; label: string }[];
  onChange: (value: string | undefined) => void;
}) {
  return (
    <fieldset className={classes.pills}>
      <legend className={classes.legend}>{props.label}</legend>
      {[{ value: undefined, label: "All" }, ...props.options].map((option) => (
        <button
          key={option.label}
          type="button"
          className={classes.pill}
          aria-pressed={props.value === option.value}
          onClick={() => props.onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}

/** The search, and the switch between list and cards. */
export function CredentialSearchBar({ search, onChange }: Props) {
  const [text, setText] = useState(search.q ?? "");
  useEffect(() => {
    if (text === (search.q ?? "")) return;
    const timer = setTimeout(() => onChange({ q: text || undefined }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, search.q, onChange]);
  // "Clear the filters" empties the field too.
  useEffect(() => {
    if (search.q === undefined) setText("");
  }, [search.q]);

  return (
    <Group gap={6} wrap="nowrap" className={classes.end}>
      <TextInput
        aria-label="Search credentials"
        placeholder="Search name, service, notes"
        size="xs"
        leftSection={<Search size={14} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        className={classes.search}
      />
      <Tooltip label={search.view === "grid" ? "Show as a list" : "Show as cards"}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={search.view === "grid" ? "Show as a list" : "Show as cards"}
          onClick={() => onChange({ view: search.view === "grid" ? undefined : "grid" })}
        >
          {search.view === "grid" ? <Rows3 size={15} aria-hidden /> : <LayoutGrid size={15} aria-hidden />}
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

/** The two groups of pills. */
export function CredentialPills({ search, onChange }: Props) {
  return (
    <div className={classes.bar}>
      <Pills label="Scope" value={search.scope} options={SCOPES} onChange={(scope) => onChange({ scope })} />
      <Pills label="Type" value={search.type} options={TYPE_GROUPS} onChange={(type) => onChange({ type })} />
    </div>
  );
}
