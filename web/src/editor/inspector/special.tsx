/** Fields for durations and for other workflows. */

import { NumberInput, Select } from "@mantine/core";
import { useState } from "react";
import type { Json } from "../model/document.ts";
import { useOtherWorkflows } from "../use-other-workflows.ts";
import classes from "./Inspector.module.css";

const UNITS = [
  { value: "86400000", label: "days" },
  { value: "3600000", label: "hours" },
  { value: "60000", label: "minutes" },
  { value: "1000", label: "seconds" },
  { value: "1", label: "ms" },
];

/** The largest unit in which a duration is a whole number. */
function unitOf(milliseconds: number | undefined): string {
  if (milliseconds === undefined || milliseconds === 0) return "1000";
  return UNITS.find((unit) => milliseconds % Number(unit.value) === 0)?.value ?? "1";
}

interface DurationProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly fallback: number | undefined;
  readonly onChange: (value: Json | undefined) => void;
  readonly invalid: boolean;
}

/** A duration: a number and its unit. */
export function DurationInput({ label, value, fallback, onChange, invalid }: DurationProps) {
  const [unit, setUnit] = useState(() => unitOf(value ?? fallback));
  const size = Number(unit);
  return (
    <div className={classes.duration}>
      <NumberInput
        aria-label={label}
        min={0}
        allowDecimal
        error={invalid}
        placeholder={fallback === undefined ? undefined : String(fallback / size)}
        value={value === undefined ? "" : value / size}
        onChange={(next) => onChange(typeof next === "number" ? Math.round(next * size) : undefined)}
      />
      <Select
        aria-label={`Unit of ${label}`}
        data={UNITS}
        value={unit}
        allowDeselect={false}
        onChange={(next) => {
          if (next === null) return;
          setUnit(next);
          if (value !== undefined) onChange(Math.round((value / size) * Number(next)));
        }}
      />
    </div>
  );
}

/** Another workflow of the workspace. */
export function WorkflowSelect({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: Json | undefined) => void;
}) {
  return (
    <Select
      aria-label={label}
      placeholder="Choose a workflow"
      searchable
      data={useOtherWorkflows()}
      value={value ?? null}
      nothingFoundMessage="No other workflow of that name"
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
