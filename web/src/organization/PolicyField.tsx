/** One policy, with the input that its kind needs. */
import { NumberInput, Select, Switch, TagsInput, Text } from "@mantine/core";
import { PlaceInput } from "./PlaceInput.tsx";
import classes from "./PolicyField.module.css";
import { numberOrNone, type Place, type Policy, tidyList } from "./policies.ts";
import { ServicesInput } from "./ServicesInput.tsx";

interface Props {
  policy: Policy;
  value: unknown;
  error: string | undefined;
  readOnly: boolean;
  onChange: (value: unknown) => void;
}

export function PolicyField({ policy, value, error, readOnly, onChange }: Props) {
  const id = `policy-${policy.name}`;
  return (
    <div className={classes.row} data-kind={policy.kind}>
      <div className={classes.words}>
        <label htmlFor={id} className={classes.label}>
          {policy.label}
        </label>
        <Text size="xs" c="dimmed" id={`${id}-hint`}>
          {policy.hint}
        </Text>
        {error && (
          <Text size="xs" c="red" role="alert" id={`${id}-error`}>
            {error}
          </Text>
        )}
      </div>
      <div className={classes.input}>
        <Input
          {...{ policy, value, readOnly, onChange }}
          shared={{
            id,
            "aria-describedby": error ? `${id}-hint ${id}-error` : `${id}-hint`,
            "aria-invalid": error ? true : undefined,
          }}
        />
      </div>
    </div>
  );
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function Input({ policy, value, readOnly, onChange, shared }: Omit<Props, "error"> & { shared: object }) {
  switch (policy.kind) {
    case "switch":
      return (
        <Switch
          {...shared}
          checked={value === true}
          disabled={readOnly}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "number":
      return (
        <NumberInput
          {...shared}
          size="xs"
          w={150}
          min={1}
          max={policy.most}
          allowDecimal={false}
          suffix={` ${policy.unit}`}
          placeholder={policy.none}
          value={typeof value === "number" ? value : ""}
          readOnly={readOnly}
          onChange={(typed) => onChange(numberOrNone(typed))}
        />
      );
    case "list":
      return (
        <TagsInput
          {...shared}
          size="xs"
          placeholder={listOf(value).length === 0 ? policy.placeholder : ""}
          value={listOf(value)}
          readOnly={readOnly}
          splitChars={[",", " ", ";", "\n"]}
          acceptValueOnBlur
          onChange={(typed) => onChange(tidyList(typed))}
        />
      );
    case "services":
      return (
        <ServicesInput
          shared={shared}
          placeholder={policy.placeholder}
          value={listOf(value)}
          readOnly={readOnly}
          onChange={onChange}
        />
      );
    case "place":
      return (
        <PlaceInput
          shared={shared}
          none={policy.none}
          value={value as Place | null}
          readOnly={readOnly}
          onChange={onChange}
        />
      );
    case "choice":
      return (
        <Select
          {...shared}
          size="xs"
          data={policy.choices}
          value={typeof value === "string" ? value : null}
          allowDeselect={false}
          readOnly={readOnly}
          onChange={onChange}
        />
      );
  }
}
