/** A field whose value is one text, number or choice, in its frame. */

import {
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  TagsInput,
  Textarea,
  type TextareaProps,
  TextInput,
} from "@mantine/core";
import type { Json } from "../model/document.ts";
import { type Field, hasExpression } from "../model/fields.ts";
import { ExpressionFrame } from "./ExpressionFrame.tsx";
import { ExpressionInput } from "./ExpressionInput.tsx";
import { Frame, type Path, useForm, useValue } from "./form.tsx";
import { Preview } from "./Preview.tsx";
import { DurationInput, WorkflowSelect } from "./special.tsx";

/** Kinds whose control has no place for an expression. */
const TAKES_A_BUTTON = new Set<Field["kind"]>(["choice", "number", "duration", "texts"]);

/** A field whose value is one text, number or choice. */
export function PlainField({ field, path }: { field: Field; path: Path }) {
  const { node } = useForm();
  const [value] = useValue(path);
  if (TAKES_A_BUTTON.has(field.kind)) {
    return (
      <ExpressionFrame field={field} path={path}>
        {(ids) => <Control field={field} path={path} {...ids} />}
      </ExpressionFrame>
    );
  }
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
          allowDecimal={field.decimal === true}
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
  const isLong = field.kind === "text" && field.multiline;
  if (field.fixed) {
    const Input = isLong ? LongInput : TextInput;
    return (
      <Input
        {...common}
        placeholder={field.placeholder ?? (field.fallback === undefined ? undefined : String(field.fallback))}
        value={typeof value === "string" ? value : ""}
        onChange={({ currentTarget }: { currentTarget: { value: string } }) =>
          set(currentTarget.value === "" && !field.required ? undefined : currentTarget.value)
        }
      />
    );
  }
  return (
    <ExpressionInput
      label={field.label}
      describedBy={describedBy}
      placeholder={field.placeholder}
      multiline={isLong}
      invalid={invalid}
      value={typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value)}
      onChange={(text) => set(text === "" && !field.required ? undefined : text)}
      data={completion}
      onFocus={onInsert}
    />
  );
}

/** A text of several lines that takes no expressions. */
const LongInput = (props: TextareaProps) => (
  <Textarea {...props} autosize minRows={3} maxRows={12} spellCheck={false} ff="monospace" />
);

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
