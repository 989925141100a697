/** What a key may do: a row for each thing, with what reading and writing it takes. */
import { Checkbox, Input } from "@mantine/core";
import classes from "./ScopesInput.module.css";
import { AREAS, USES } from "./scopes.ts";

interface Props {
  value: readonly string[];
  error?: string | undefined;
  onChange: (scopes: string[]) => void;
}

export function ScopesInput({ value, error, onChange }: Props) {
  const box = (scope: string | undefined, name: string, label?: string) =>
    scope && (
      <Checkbox
        size="xs"
        className={classes.box}
        aria-label={name}
        label={label}
        checked={value.includes(scope)}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.checked ? [...value, scope] : value.filter((other) => other !== scope))
        }
      />
    );
  return (
    <Input.Wrapper label="What it may do" labelElement="div" error={error}>
      <fieldset className={classes.areas} aria-label="What it may do">
        {AREAS.map(({ name, hint, read, write }) => (
          <div key={name} className={classes.area}>
            <div>
              <div className={classes.name}>{name}</div>
              {hint && <div className={classes.hint}>{hint}</div>}
            </div>
            <div className={classes.cell}>{box(read, `Read ${name.toLowerCase()}`, "Read")}</div>
            <div className={classes.cell}>{box(write, `Write ${name.toLowerCase()}`, "Write")}</div>
          </div>
        ))}
        {USES.map(({ scope, name, hint }) => (
          <div key={scope} className={classes.area}>
            <div>
              <div className={classes.name}>{name}</div>
              <div className={classes.hint}>{hint}</div>
            </div>
            <div className={classes.cell} />
            <div className={classes.cell}>{box(scope, name, "Use")}</div>
          </div>
        ))}
      </fieldset>
    </Input.Wrapper>
  );
}
