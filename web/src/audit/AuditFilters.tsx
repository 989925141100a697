/** What narrows the audit log: who, what, which object, when. */
import { Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import type { Member } from "../api/types.ts";
import { useMe } from "../auth/me.ts";
import { TimeFilter } from "../ui/TimeFilter.tsx";
import classes from "./Audit.module.css";
import { ACTION_CHOICES } from "./actions.ts";
import type { AuditSearch } from "./filter.ts";

interface Props {
  search: AuditSearch;
  members: Member[];
  onChange: (change: AuditSearch) => void;
}

/** The people to choose from; one that is asked for and no member any more is there too. */
function usePeople(members: Member[], chosen: string | undefined) {
  const me = useMe();
  const people = [
    { value: me.userId, label: "You" },
    ...members
      .filter((member) => member.userId !== me.userId)
      .map(({ userId: value, name, email }) => ({ value, label: `${name} (${email})` })),
  ];
  const isKnown = chosen === undefined || people.some((person) => person.value === chosen);
  return isKnown ? people : [...people, { value: chosen, label: chosen }];
}

export function AuditFilters({ search, members, onChange }: Props) {
  const [object, setObject] = useState(search.object ?? "");
  const [shown, setShown] = useState(search.object);
  const [cleared, setCleared] = useState(0);
  const settle = useDebouncedCallback((text: string) => onChange({ object: text || undefined }), 300);
  const people = usePeople(members, search.actor);
  // The address can change by itself: by the back button, or by a choice in a record.
  if (shown !== search.object) {
    setShown(search.object);
    setObject(search.object ?? "");
  }
  const isFiltered = Object.values(search).some(Boolean);
  return (
    <Group mb="md" gap="xs" className={classes.filters}>
      <Select
        size="xs"
        aria-label="Who"
        placeholder="Anybody"
        data={people}
        searchable
        clearable
        clearButtonProps={{ "aria-label": "Anybody" }}
        value={search.actor ?? null}
        onChange={(actor) => onChange({ actor: actor ?? undefined })}
      />
      <Select
        size="xs"
        aria-label="What"
        placeholder="Any action"
        data={ACTION_CHOICES}
        searchable
        clearable
        clearButtonProps={{ "aria-label": "Any action" }}
        nothingFoundMessage="No such action"
        value={search.action ?? null}
        onChange={(action) => onChange({ action: action ?? undefined })}
      />
      <TextInput
        size="xs"
        aria-label="Object"
        placeholder="ID of an object, e.g. cred_…"
        spellCheck={false}
        value={object}
        onChange={(event) => {
          setObject(event.currentTarget.value);
          settle(event.currentTarget.value.trim());
        }}
      />
      <TimeFilter key={cleared} size="xs" search={search} onChange={onChange} />
      {isFiltered && (
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          onClick={() => {
            setCleared(cleared + 1);
            onChange({
              action: undefined,
              actor: undefined,
              object: undefined,
              within: undefined,
              from: undefined,
              to: undefined,
            });
          }}
        >
          Clear
        </Button>
      )}
    </Group>
  );
}
