/** One field of a way to authenticate, as the right kind of input. A secret is never filled in from the server. */
import { PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import type { AuthField } from "../ways.ts";
import classes from "./FieldInput.module.css";

interface Props {
  field: AuthField;
  value: string;
  error?: string | undefined;
  /** For a secret of a stored credential: it is set, and leaving the input empty keeps it. */
  isSet?: boolean;
  /** For a secret that was typed here and is with the server now: there is nothing more to type. */
  isHeld?: boolean;
  /** Whether it can be left out, by what was chosen so far. */
  isOptional?: boolean;
  onChange: (value: string) => void;
}

export function FieldInput({
  field,
  value,
  error,
  isSet = false,
  isHeld = false,
  isOptional,
  onChange,
}: Props) {
  // What begins with a value is a choice, not something to leave out.
  const mayBeEmpty = (isOptional ?? field.optional) && field.initial === "";
  const common = {
    label: field.label,
    description: field.help || undefined,
    error,
    required: !mayBeEmpty && !isSet && !isHeld,
    withAsterisk: false,
    labelProps: mayBeEmpty
      ? { "data-optional": true, className: classes.label }
      : { className: classes.label },
    placeholder: isHeld ? "In the vault." : isSet ? "Set. Leave empty to keep it." : field.placeholder,
    autoComplete: "off",
    spellCheck: false,
  };
  const change = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value);
  if (field.kind === "flag") {
    return (
      <Switch
        label={field.label}
        description={field.help || undefined}
        error={error}
        checked={value === "true"}
        onChange={(event) => onChange(String(event.currentTarget.checked))}
      />
    );
  }
  if (field.choices.length > 0) {
    return (
      <Select
        {...common}
        data={field.choices}
        value={value || field.initial || null}
        onChange={(next) => onChange(next ?? "")}
        allowDeselect={mayBeEmpty}
        comboboxProps={{ withinPortal: true }}
      />
    );
  }
  if (field.kind === "lines") {
    return (
      <Textarea
        {...common}
        value={value}
        onChange={change}
        autosize
        minRows={3}
        maxRows={8}
        classNames={{ input: field.secret ? `${classes.mono} ${classes.masked}` : classes.mono }}
      />
    );
  }
  if (field.secret) {
    return <PasswordInput {...common} value={value} onChange={change} autoComplete="new-password" />;
  }
  return (
    <TextInput
      {...common}
      value={value}
      onChange={change}
      inputMode={field.kind === "port" ? "numeric" : field.kind === "url" ? "url" : undefined}
    />
  );
}
