/** One field of an auth type, as the right kind of input. A secret is never filled in from the server. */
import { PasswordInput, Select, Textarea, TextInput } from "@mantine/core";
import type { AuthField } from "./auth-types.ts";
import classes from "./FieldInput.module.css";

interface Props {
  field: AuthField;
  value: string;
  error?: string | undefined;
  /** For a secret of a stored credential: it is set, and leaving the input empty keeps it. */
  isSet?: boolean;
  onChange: (value: string) => void;
}

export function FieldInput({ field, value, error, isSet = false, onChange }: Props) {
  const common = {
    label: field.label,
    description: field.help,
    error,
    required: !field.optional && !isSet,
    withAsterisk: false,
    labelProps: field.optional
      ? { "data-optional": true, className: classes.label }
      : { className: classes.label },
    placeholder: isSet ? "Set. Leave empty to keep it." : (field.placeholder ?? ""),
    autoComplete: "off",
    spellCheck: false,
  };
  const change = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value);
  if (field.choices) {
    return (
      <Select
        {...common}
        data={field.choices}
        value={value || (field.initial ?? null)}
        onChange={(next) => onChange(next ?? "")}
        allowDeselect={false}
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
