/** What narrows the list of executions: state, workflow, what set it off, when; and the way to one by its ID. */
import { Button, Group, Select, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Hash } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { ExecutionStatus } from "../api/types.ts";
import { TimeFilter } from "../ui/TimeFilter.tsx";
import classes from "./ExecutionFilters.module.css";
import { type ExecutionSearch, runIdIn, STATES } from "./filter.ts";
import { TRIGGERS } from "./words.ts";

const TRIGGER_CHOICES = Object.entries(TRIGGERS).map(([value, label]) => ({ value, label }));

interface Props {
  search: ExecutionSearch;
  names: ReadonlyMap<string, string> | undefined;
  onChange: (change: ExecutionSearch) => void;
  onReset: () => void;
}

/** The workflows to choose from; one that is asked for and gone is there too. */
function workflowsOf(names: ReadonlyMap<string, string> | undefined, chosen: string | undefined) {
  const known = [...(names ?? [])].map(([value, label]) => ({ value, label }));
  const isKnown = chosen === undefined || !names || names.has(chosen);
  return isKnown ? known : [...known, { value: chosen, label: chosen }];
}

/** Opens a run by its ID, which messages and logs name. */
function OpenById() {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [isWrong, setIsWrong] = useState(false);
  const open = (event: FormEvent) => {
    event.preventDefault();
    const id = runIdIn(text);
    setIsWrong(id === undefined && text.trim() !== "");
    if (id) void navigate({ to: "/logs/$executionId", params: { executionId: id } });
  };
  return (
    <form onSubmit={open} className={classes.id}>
      <TextInput
        aria-label="Open an execution by its ID"
        placeholder="Open by ID: exec_…"
        leftSection={<Hash size={14} aria-hidden />}
        spellCheck={false}
        autoComplete="off"
        value={text}
        error={isWrong ? "That is not the ID of an execution. IDs begin with exec_." : undefined}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setIsWrong(false);
        }}
      />
    </form>
  );
}

export function ExecutionFilters({ search, names, onChange, onReset }: Props) {
  const [cleared, setCleared] = useState(0);
  const isFiltered = Object.values(search).some(Boolean);
  return (
    <Group mb="md" gap="sm" align="flex-start" className={classes.filters}>
      <Select
        aria-label="State"
        placeholder="Every state"
        w={150}
        clearable
        data={STATES}
        value={search.status ?? null}
        onChange={(status) => onChange({ status: (status as ExecutionStatus | null) ?? undefined })}
      />
      <Select
        aria-label="Workflow"
        placeholder="Every workflow"
        clearable
        searchable
        w={220}
        nothingFoundMessage="No such workflow"
        data={workflowsOf(names, search.workflowId)}
        value={search.workflowId ?? null}
        onChange={(workflowId) => onChange({ workflowId: workflowId ?? undefined })}
      />
      <Select
        aria-label="Trigger"
        placeholder="Any trigger"
        w={190}
        clearable
        data={TRIGGER_CHOICES}
        value={search.trigger ?? null}
        onChange={(trigger) => onChange({ trigger: trigger ?? undefined })}
      />
      <TimeFilter key={cleared} search={search} onChange={onChange} />
      {isFiltered && (
        <Button
          variant="subtle"
          color="gray"
          onClick={() => {
            setCleared(cleared + 1);
            onReset();
          }}
        >
          Clear
        </Button>
      )}
      <OpenById />
    </Group>
  );
}
