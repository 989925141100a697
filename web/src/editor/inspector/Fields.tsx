/** The fields of a form, drawn from the description of a node type. */

import {
  ActionIcon,
  Button,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  Switch,
  TagsInput,
  TextInput,
} from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Json, JsonObject } from "../model/document.ts";
import { isObject } from "../model/document.ts";
import { applicable, type Field, hasExpression, valueAt } from "../model/fields.ts";
import { ExpressionInput } from "./ExpressionInput.tsx";
import { Frame, type Path, useForm } from "./form.tsx";
import classes from "./Inspector.module.css";
import { PairsField } from "./PairsField.tsx";
import { Preview } from "./Preview.tsx";
import { DurationInput, WorkflowSelect } from "./special.tsx";
import { ValueField } from "./ValueField.tsx";

interface ListProps {
  readonly fields: readonly Field[];
  /** Where the object that holds them stands below the parameters. */
  readonly path: Path;
}

/** The fields of an object that apply to its values, under their headings. */
export function Fields({ fields, path }: ListProps) {
  const { node } = useForm();
  const values = valueAt(node.parameters as Json, path);
  const shown = applicable(fields, isObject(values) ? values : {});
  return shown.map((field) => (
    <OneField key={`${field.name}:${field.kind}`} field={field} path={[...path, field.name]} />
  ));
}

/** One field. */
export function OneField({ field, path }: { field: Field; path: Path }) {
  switch (field.kind) {
    case "pairs":
      return <PairsField field={field} path={path} />;
    case "value":
      return <ValueField field={field} path={path} />;
    case "list":
      return <ListField field={field} path={path} />;
    case "object":
      return <ObjectField field={field} path={path} />;
    case "flag":
      return <FlagField field={field} path={path} />;
    default:
      return <PlainField field={field} path={path} />;
  }
}

function useValue(path: Path): readonly [Json | undefined, (value: Json | undefined) => void] {
  const { node, set } = useForm();
  return [valueAt(node.parameters as Json, path), (value) => set(path, value)];
}

function FlagField({ field, path }: { field: Field & { kind: "flag" }; path: Path }) {
  const [value, set] = useValue(path);
  const fallback = field.fallback === true;
  return (
    <div className={classes.field}>
      <Switch
        size="xs"
        label={field.label}
        description={field.help}
        checked={typeof value === "boolean" ? value : fallback}
        onChange={(event) =>
          set(event.currentTarget.checked === fallback ? undefined : event.currentTarget.checked)
        }
      />
    </div>
  );
}

/** A field whose value is one text, number or choice. */
function PlainField({ field, path }: { field: Field; path: Path }) {
  const { node } = useForm();
  const [value] = useValue(path);
  const shows = hasExpression(value) && field.kind !== "code";
  return (
    <Frame
      label={field.label}
      help={field.help}
      required={field.required}
      path={path}
      below={shows ? <Preview nodeId={node.id} value={value as Json} /> : undefined}
    >
      {(ids) => <Control field={field} path={path} {...ids} />}
    </Frame>
  );
}

interface ControlProps {
  readonly field: Field;
  readonly path: Path;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

function Control({ field, path, describedBy, invalid }: ControlProps) {
  const [value, set] = useValue(path);
  const { completion, onInsert } = useForm();
  const common = {
    "aria-label": field.label,
    "aria-describedby": describedBy,
    error: invalid,
    size: "sm",
  } as const;
  switch (field.kind) {
    case "choice":
      return <ChoiceControl field={field} value={value} set={set} common={common} />;
    case "number":
      return (
        <NumberInput
          {...common}
          min={field.min}
          max={field.max}
          allowDecimal={false}
          clampBehavior="none"
          placeholder={field.fallback === undefined ? undefined : String(field.fallback)}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => set(typeof next === "number" ? next : undefined)}
        />
      );
    case "duration":
      return (
        <DurationInput
          label={field.label}
          value={typeof value === "number" ? value : undefined}
          fallback={typeof field.fallback === "number" ? field.fallback : undefined}
          onChange={set}
          invalid={invalid}
        />
      );
    case "workflow":
      return (
        <WorkflowSelect
          label={field.label}
          value={typeof value === "string" ? value : undefined}
          onChange={set}
        />
      );
    case "texts":
      return <TextsControl field={field} value={value} set={set} />;
    case "code":
      return (
        <ExpressionInput
          label={field.label}
          describedBy={describedBy}
          language="javascript"
          multiline
          invalid={invalid}
          value={typeof value === "string" ? value : ""}
          onChange={set}
        />
      );
    case "moment":
      return (
        <TextInput
          {...common}
          placeholder="2026-12-24T18:00:00Z"
          value={typeof value === "string" ? value : ""}
          onChange={(event) => set(event.currentTarget.value || undefined)}
        />
      );
    default:
      break;
  }
  if (field.fixed) {
    return (
      <TextInput
        {...common}
        placeholder={field.placeholder ?? (field.fallback === undefined ? undefined : String(field.fallback))}
        value={typeof value === "string" ? value : ""}
        onChange={(event) =>
          set(event.currentTarget.value === "" && !field.required ? undefined : event.currentTarget.value)
        }
      />
    );
  }
  return (
    <ExpressionInput
      label={field.label}
      describedBy={describedBy}
      placeholder={field.placeholder}
      invalid={invalid}
      value={typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value)}
      onChange={(text) => set(text === "" && !field.required ? undefined : text)}
      data={completion}
      onFocus={onInsert}
    />
  );
}

interface ChoiceProps {
  readonly field: Field & { kind: "choice" };
  readonly value: Json | undefined;
  readonly set: (value: Json | undefined) => void;
  readonly common: {
    readonly "aria-label": string;
    readonly "aria-describedby": string | undefined;
    readonly error: boolean;
    readonly size: "sm";
  };
}

function ChoiceControl({ field, value, set, common }: ChoiceProps) {
  const chosen =
    typeof value === "string" ? value : typeof field.fallback === "string" ? field.fallback : null;
  if (field.buttons) {
    return (
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={field.label}
        value={chosen ?? ""}
        onChange={set}
        data={field.choices.map(({ value, label }) => ({ value, label }))}
      />
    );
  }
  return (
    <Select
      {...common}
      data={field.choices.map(({ value, label }) => ({ value, label }))}
      value={chosen}
      allowDeselect={false}
      comboboxProps={{ shadow: "md" }}
      onChange={(next) => set(next ?? undefined)}
    />
  );
}

function TextsControl({
  field,
  value,
  set,
}: {
  field: Field & { kind: "texts" };
  value: Json | undefined;
  set: (value: Json | undefined) => void;
}) {
  const list = Array.isArray(value)
    ? value.filter((item): item is string => typeof item === "string")
    : typeof value === "string"
      ? [value]
      : [];
  const onChange = (next: string[]) => set(next.length > 0 ? next : undefined);
  if (field.oneOf)
    return (
      <MultiSelect
        aria-label={field.label}
        data={field.oneOf.map(({ value, label }) => ({ value, label }))}
        value={list}
        onChange={onChange}
      />
    );
  return (
    <TagsInput
      aria-label={field.label}
      placeholder={list.length === 0 ? field.placeholder : undefined}
      value={list}
      onChange={onChange}
    />
  );
}

/** Entries that each have the same fields: conditions, cases. */
function ListField({ field, path }: { field: Field & { kind: "list" }; path: Path }) {
  const [value, set] = useValue(path);
  const items = Array.isArray(value) ? (value as readonly Json[]) : [];
  const add = () => set([...items, fresh(field, items)]);
  return (
    <Frame label={field.label} help={field.help} path={path}>
      {() => (
        <div className={classes.list}>
          {items.map((_, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries have no other name than their place
            <fieldset key={place} className={classes.entry} aria-label={`${field.itemLabel} ${place + 1}`}>
              <div className={classes.entryFields}>
                <Fields fields={field.fields} path={[...path, place]} />
              </div>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove ${field.itemLabel} ${place + 1}`}
                disabled={items.length <= (field.least ?? 0)}
                onClick={() =>
                  set(items.length === 1 ? undefined : items.filter((_, other) => other !== place))
                }
              >
                <Trash2 size={14} aria-hidden />
              </ActionIcon>
            </fieldset>
          ))}
          <Button
            variant="subtle"
            size="xs"
            leftSection={<Plus size={13} aria-hidden />}
            onClick={add}
            disabled={items.length >= field.most}
          >
            Add {field.itemLabel}
          </Button>
        </div>
      )}
    </Frame>
  );
}

/** What a new entry begins with; a port gets a name that no other one has. */
function fresh(field: Field & { kind: "list" }, items: readonly Json[]): JsonObject {
  if (!("port" in field.template)) return field.template;
  const taken = new Set(items.filter(isObject).map((item) => item.port));
  let number = items.length + 1;
  while (taken.has(`case${number}`)) number += 1;
  return { ...field.template, port: `case${number}` };
}

/** An object that is there or not: switched on, its fields appear. */
function ObjectField({ field, path }: { field: Field & { kind: "object" }; path: Path }) {
  const [value, set] = useValue(path);
  const on = isObject(value);
  const [shown, setShown] = useState(false);
  const open = on || shown;
  return (
    <div className={classes.field}>
      <Switch
        size="xs"
        label={field.label}
        description={field.help}
        checked={open}
        onChange={(event) => {
          setShown(event.currentTarget.checked);
          set(event.currentTarget.checked ? {} : undefined);
        }}
      />
      {open && (
        <div className={classes.inner}>
          <Fields fields={field.fields} path={path} />
        </div>
      )}
    </div>
  );
}
